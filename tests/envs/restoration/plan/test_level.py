"""What energy can hold, by hand and as a law."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.plan.level import Ahead, held_load
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import read_island
from tieline.opf.restoration.state import IslandState, first_state


@pytest.fixture(scope="module")
def world() -> RestorationWorld:
    return make_world(RestorationWorldConfig(), read_island("ieee36"))


@pytest.fixture(scope="module")
def figures(world: RestorationWorld) -> IslandFigures:
    # without loss the energy is a plain sum
    return replace(IslandFigures.of(world), loss_per_kw=0.0)


def ahead(n_steps: int) -> Ahead:
    number = np.arange(1.0, n_steps + 1.0)
    return Ahead(number, np.ones(n_steps))


def running(world: RestorationWorld, share: float) -> IslandState:
    """One draw whose loads are on in part and whose machines run as fast as they may."""
    start = first_state(world.plant, 1)
    return replace(
        start,
        served=np.full_like(start.served, share),
        last_kw=np.broadcast_to(world.plant.generators.p_max_kw, start.last_kw.shape),
        unit_last_kw=np.full_like(start.unit_last_kw, 500.0),
    )


def test_a_level_that_nothing_stops_uses_all_energy_up(
    world: RestorationWorld, figures: IslandFigures
) -> None:
    state = running(world, 0.5)
    sun_kw = np.full((1, 24, 3), 200.0)
    held = held_load(figures, state, sun_kw, ahead(24))
    stock_kwh = held.stock.total_kwh[0]
    energy_kwh = stock_kwh + 24 * 0.25 * 600.0
    assert held.load_kw[0] == pytest.approx(energy_kwh / 6.0)
    assert held.level_kw[0] == pytest.approx(energy_kwh / 6.0)


def test_stock_is_fuel_and_what_batteries_deliver(
    world: RestorationWorld, figures: IslandFigures
) -> None:
    held = held_load(figures, running(world, 0.5), np.zeros((1, 24, 3)), ahead(24))
    # 800 kWh at 50 %, of which 10 % stay, less what discharge loses
    assert held.stock.batteries_kwh[0] == pytest.approx([304.0, 304.0, 304.0])
    assert held.stock.turbines_kwh[0] == pytest.approx([1800.0, 1800.0, 1800.0])
    assert held.stock.units_kwh[0] == pytest.approx([2800.0])


def test_a_fall_is_no_faster_than_free_where_energy_lasts_for_that(
    world: RestorationWorld, figures: IslandFigures
) -> None:
    state = running(world, 1.0)
    held = held_load(figures, state, np.full((1, 24, 3), 150.0), ahead(24))
    full_kw = figures.load_kw.sum()
    assert held.level_kw[0] < 0.98 * full_kw
    assert held.load_kw[0] == pytest.approx(0.98 * full_kw)


def test_what_is_missing_on_the_way_down_is_dropped_at_once(
    world: RestorationWorld, figures: IslandFigures
) -> None:
    state = replace(
        running(world, 1.0),
        fuel_kwh=np.full((1, 3), 100.0),
        unit_fuel_kwh=np.array([[900.0]]),
    )
    held = held_load(figures, state, np.zeros((1, 24, 3)), ahead(24))
    full_kw = figures.load_kw.sum()
    down_kw = np.maximum(full_kw * (1.0 - 0.02 * np.arange(1, 25)), 0.0)
    reach_kw = _reach_kw(figures, state)
    missing_kw = np.minimum(down_kw, reach_kw).sum() - held.stock.total_kwh[0] / 0.25
    first_kw = min(down_kw[0], reach_kw[0])
    assert missing_kw > 0
    assert held.load_kw[0] == pytest.approx(first_kw - missing_kw / 24.0)


def _reach_kw(figures: IslandFigures, state: IslandState) -> np.ndarray:
    number = np.arange(1.0, 25.0)
    units = figures.units.reach_kw(state.unit_last_kw, number).sum(axis=1)
    turbines = figures.turbines.reach_kw(state.last_kw, number).sum(axis=1)
    return (units + turbines)[0] + figures.battery_kw[0].sum()
