"""What agents see, by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.days import day_of_shapes, drawn_day
from tieline.envs.microgrids.observe import Observer
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import DayStack, Windows, WindowStart
from tieline.powerflow import solve

CONFIG = MicrogridsWorldConfig()


def windows_at(plant: Plant, first: list[int], pcc_pu: float = 1.0) -> Windows:
    """Windows of the day of the shapes: batteries at 50 %, generators at 220 kW before."""
    stack = DayStack.of([day_of_shapes(plant, CONFIG)] * len(first))
    count = len(first)
    start = WindowStart(
        stack.stored_kwh, stack.last_kw, np.full((count, len(plant.microgrids)), pcc_pu)
    )
    return stack.windows(np.arange(count), np.array(first), 4, start)


def test_entries_by_hand(plant: Plant) -> None:
    observer = Observer.of(plant)
    seen = observer.observe(windows_at(plant, [19, 50], pcc_pu=0.975))
    names = observer.names(4)
    assert [len(one) for one in names] == [one.shape[1] for one in seen] == [17] * 5
    entry = dict(zip(names[3], seen[3].T, strict=True))
    # MG4 takes 330 to 400 kW; least towards five in the morning
    assert entry["load_ahead of mg4 in step 1"][0] == pytest.approx(0.83, abs=0.005)
    assert entry["sun_ahead of mg4 in step 1"] == pytest.approx([0.0, 0.95])
    # 0.06 and 0.10 of at most 0.16 currency/kWh
    assert entry["price_ahead in step 4"] == pytest.approx([0.375, 0.625])
    # 200 kWh between 40 and 360
    assert entry["stored_share of mg4_battery"] == pytest.approx(0.5)
    assert entry["last_share of mg4_generator"] == pytest.approx(220 / 300)
    angle = np.array([4.75, 12.5]) * np.pi / 12
    assert entry["day_sine"] == pytest.approx(np.sin(angle), abs=1e-12)
    assert entry["day_cosine"] == pytest.approx(np.cos(angle), abs=1e-12)
    assert entry["pcc_voltage of mg4"] == pytest.approx(-0.5)


def test_an_agent_sees_nothing_of_other_microgrids(plant: Plant) -> None:
    observer = Observer.of(plant)
    before = windows_at(plant, [70])
    load_kw = before.load_kw.copy()
    load_kw[:, :, plant.microgrids[0].loads] *= 1.5
    stored_kwh = before.start.stored_kwh + 40.0 * (plant.battery_ders == 5)
    start = dataclasses.replace(before.start, stored_kwh=stored_kwh)
    after = dataclasses.replace(before, load_kw=load_kw, start=start)
    views = zip(observer.observe(before), observer.observe(after), strict=True)
    is_changed = [not np.array_equal(one, other) for one, other in views]
    assert is_changed == [True, False, False, False, False]


def test_the_door_is_where_the_meter_is(plant: Plant) -> None:
    """At the buses of the 33-bus feeder that the microgrids hang on."""
    solution = solve(plant.network)
    nodes = [plant.network.node_index[f"{bus}.1"] for bus in (12, 18, 22, 25, 33)]
    of_hosts = np.abs(solution.v_pu[:, nodes])
    assert Observer.of(plant).pcc_pu(solution) == pytest.approx(of_hosts)


def test_one_row_sees_what_it_sees_among_many(plant: Plant) -> None:
    observer = Observer.of(plant)
    stack = DayStack.of([drawn_day(plant, CONFIG, seed) for seed in range(3)])
    start = stack.start(5)
    first = np.array([0, 40, 94])
    together = observer.observe(stack.windows(np.arange(3), first, 4, start))
    row = WindowStart(start.stored_kwh[2:], start.last_kw[2:], start.pcc_pu[2:])
    alone = observer.observe(stack.windows(np.array([2]), first[2:], 4, row))
    for several, one in zip(together, alone, strict=True):
        assert several[2:] == pytest.approx(one)
        assert np.abs(several).max() <= 2.0
