"""Limited quantities of an island and their slopes: by differences of exact solutions, and limits where they are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from restoration_cases import decided

from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.safety.guarded import GuardedIsland
from tieline.envs.restoration.step.set_points import injections
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import read_island
from tieline.opf.restoration.state import first_state
from tieline.powerflow.island import solve_island

STEP = 1e-4


@pytest.fixture(scope="module")
def two_units() -> RestorationWorld:
    """The 141-bus island, whose two droop units share the load."""
    return make_world(RestorationWorldConfig(steps=1), read_island("case141"))


@pytest.mark.parametrize("name", ["world36", "two_units"])
def test_slopes_by_differences(name: str, request: pytest.FixtureRequest) -> None:
    """Of every quantity by every entry that may move, in two scenarios, one of them without fuel in its last droop unit."""
    world: RestorationWorld = request.getfixturevalue(name)
    island = GuardedIsland(world)
    state = first_state(world.plant, 2)
    if name == "two_units":
        fuel_kwh = state.unit_fuel_kwh.copy()
        fuel_kwh[1, 1] = 0.0
        state = replace(state, unit_fuel_kwh=fuel_kwh)
    rows = island.rows(state, world.forecast_kw[0])
    shares = 0.7 * rows.low + 0.3 * rows.high
    limited = island.limited(rows, shares)
    exact = limited.slopes(np.arange(2))
    np.testing.assert_allclose(limited.slopes(np.array([1])), exact[1:], atol=1e-9)
    # every fifth entry, and the last
    for entry in (*range(0, island.action.size, 5), island.action.size - 1):
        change = np.zeros_like(shares)
        change[:, entry] = STEP
        after = island.limited(rows, shares + change).value
        before = island.limited(rows, shares - change).value
        difference = (after - before) / (2 * STEP)
        np.testing.assert_allclose(exact[:, :, entry], difference, atol=2e-6)


def test_the_range_of_the_droop_unit_is_a_limit(small_world: RestorationWorld) -> None:
    """From 200 kW it reaches 500 kW in a step; at full load it is beyond, by what relief would have to drop."""
    island = GuardedIsland(small_world)
    state = first_state(small_world.plant, 1)
    rows = island.rows(state, small_world.forecast_kw[0])
    wish = decided(small_world.plant, served=1.0)
    limited = island.limited(rows, island.layout.shares(wish))
    value = dict(zip(limited.names, limited.value[0], strict=True))
    der_kw, der_kvar = injections(small_world.plant, wish)
    exact = solve_island(small_world.plant.island, der_kw=der_kw, der_kvar=der_kvar)
    assert exact.p_kw[0, 0] > 600.0
    over_kw = 600 * value["droop unit droop P high"]
    assert over_kw == pytest.approx(exact.p_kw[0, 0] - 500)
    assert value["droop unit droop P low"] == pytest.approx(
        -value["droop unit droop P high"] - (500 - 0) / 600
    )


def test_dead_islands_have_no_quantities(small_world: RestorationWorld) -> None:
    island = GuardedIsland(small_world)
    state = first_state(small_world.plant, 2)
    state = replace(state, is_dead=np.array([False, True]))
    rows = island.rows(state, small_world.forecast_kw[0])
    value = island.limited(rows, 0.5 * rows.high).value
    assert np.isfinite(value[0]).all()
    assert np.isnan(value[1]).all()
