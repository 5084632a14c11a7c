"""When loans are decided, by hand: once a known day, on forecasts every few hours, and anew at midnight."""

from __future__ import annotations

import pytest

from builders import two_bus
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.csocc_day import _stretches, play_csocc
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.foresight import foresee
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.question import Question


def two_days(**values: object) -> Question:
    config = BatteryConfig.model_validate(
        {"limits": "high-voltage-tight", "step_minutes": 60, "days": 2, **values}
    )
    plant = make_plant(two_bus(), config)
    day = next(make_days(plant.feeder, config))
    return Question(plant, foresee(day, config, number=0), config)


def test_a_known_day_has_one_decision() -> None:
    stretches = [
        (part.first, part.stop, part.day_end) for part in _stretches(two_days())
    ]
    assert stretches == [(0, 24, 24), (24, 48, 48)]


def test_on_forecasts_decisions_follow_one_another_and_end_at_midnight() -> None:
    question = two_days(forecast="drawn", coordinate_every_h=10.0)
    stretches = [(part.first, part.stop, part.day_end) for part in _stretches(question)]
    first_day = [(0, 10, 24), (10, 20, 24), (20, 24, 24)]
    second_day = [(24, 34, 48), (34, 44, 48), (44, 48, 48)]
    assert stretches == first_day + second_day
    assert [part.n_steps_of_day for part in _stretches(question)] == [
        24,
        14,
        4,
        24,
        14,
        4,
    ]


@pytest.mark.parametrize("forecast", ["perfect", "drawn"])
def test_the_parts_of_a_day_are_the_day(forecast: str) -> None:
    question = two_days(forecast=forecast, coordinate_every_h=10.0)
    csocc = play_csocc(question)
    assert csocc.schedule.charge_kw.shape == (48, 1)
    assert csocc.borrowed_kw.shape == (48, 2)
    assert len(csocc.decisions) == 2  # one a calendar day
    # what was stored at the start is there again at the end of the run
    assert csocc.schedule.stored_kwh[-1, 0] >= question.plant.stored_kwh[0] - 1e-6
