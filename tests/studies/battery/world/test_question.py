"""What follows from plant, day and limits at once, by hand on two buses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from builders import two_bus
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import Day
from tieline.studies.battery.world.foresight import Foresight
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.question import NOTICED_PU, Question

LOAD_KW = 100.0
SUN_PU = np.array([0.0, 0.5, 1.0, 0.0])
LOAD_PU = np.array([0.1, 0.1, 0.1, 1.0])


@pytest.fixture(scope="module")
def question() -> Question:
    """PV of 90 kW, a battery of 20 kW, 5 kW may flow back."""
    config = BatteryConfig(reverse_limit_kw=5.0, highest_pu=1.045)
    plant = make_plant(two_bus(LOAD_KW, 0.0), config)
    day = Day(
        times=pd.date_range("2025-06-21", periods=4, freq="h"),
        hours=1.0,
        price=np.full(4, 0.05),
        sun_pu=SUN_PU,
        load_kw=LOAD_KW * LOAD_PU[:, None],
        load_kvar=np.zeros((4, 1)),
    )
    return Question(plant, Foresight(day, None), config)


def test_surplus_and_room_to_discharge(question: Question) -> None:
    surplus_kw = [-10.0, 35.0, 80.0, -100.0]
    assert question.battery_surplus_kw[:, 0] == pytest.approx(surplus_kw)
    assert question.surplus_kw.sum(axis=1) == pytest.approx(surplus_kw)
    # 5 kW may flow back: 15 kW beside 10 kW of load, none under the sun, the rated power at night
    assert question.discharge_room_kw[:, 0] == pytest.approx([15.0, 0.0, 0.0, 20.0])


def test_what_is_left_of_a_question(question: Question) -> None:
    remaining = question.after(2)
    assert remaining.foresight.first == 2
    assert remaining.battery_surplus_kw[:, 0] == pytest.approx([80.0, -100.0])
    assert question.only(np.array([3, 0])).battery_surplus_kw[:, 0] == pytest.approx(
        [-100, -10]
    )
    assert question.to_plan_for(1).day.n_steps == 1
    lowest_kwh = question.plant.batteries.stored_min_kwh
    assert question.with_nothing_due().plant.stored_kwh == pytest.approx(lowest_kwh)


def test_a_voltage_is_too_high_above_the_limit_alone(question: Question) -> None:
    solution = question.replay_idle()
    highest_pu = float(question.plant.bus_voltage_pu(solution).max())
    assert not question.with_limit(highest_pu).too_high(solution).any()
    below = question.with_limit(highest_pu - 2 * NOTICED_PU)
    assert below.too_high(solution).sum() == 1
    # full sun, bus b
    assert np.argwhere(below.too_high(solution))[0].tolist() == [
        2,
        1,
    ]
