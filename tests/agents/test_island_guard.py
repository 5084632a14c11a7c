"""The safety step of islands: what fits stays to the last digit, what does not is changed least, load on is kept on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from restoration_cases import decided, small_config

from tieline.agents.island_guard import IslandGuard
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.episode import play_step
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.opf.restoration.state import IslandState, first_state


@pytest.fixture(scope="module")
def world() -> RestorationWorld:
    """The small island, with sun at half of its rating."""
    island = small_config(available=[0.5, 0.5, 0.5, 0.5])
    return make_world(RestorationWorldConfig(steps=4), island)


def sight(world: RestorationWorld, count: int) -> Seen:
    measured_kw = np.tile(world.forecast_kw[:1], (count, 1, 1))
    return Seen(0, world.forecast_kw, measured_kw)


def at(world: RestorationWorld, served: float, count: int = 1) -> IslandState:
    state = first_state(world.plant, count)
    return replace(state, served=np.full_like(state.served, served))


def test_what_fits_is_left_alone(world: RestorationWorld) -> None:
    wish = decided(world.plant, served=0.5, count=2)
    guarded = IslandGuard(world)(at(world, 0.0, 2), wish, sight(world, 2))
    assert not guarded.touched.any()
    np.testing.assert_array_equal(guarded.set_points.served, wish.served)
    np.testing.assert_array_equal(guarded.set_points.p_kw, wish.p_kw)


def test_beyond_the_ramp_units_help_before_load_is_left_off(
    world: RestorationWorld,
) -> None:
    """A wish of full load from half of it, which the droop unit's ramp does not reach, while sun and battery have room."""
    state = at(world, 0.5)
    wish = decided(world.plant, served=1.0, renewable_kw=50.0)
    seen = sight(world, 1)
    plain = play_step(world, state, wish, seen)
    assert plain.step.dropped.any()
    safe = play_step(world, state, wish, seen, IslandGuard(world))
    assert safe.touched.all()
    assert not safe.step.dropped.any()
    assert safe.step.fits.all()
    assert safe.step.set_points.renewable_kw[0, 0] > 60.0
    assert safe.step.set_points.battery_kw[0, 0] > 4.0
    # load of little weight is left off rather than that of much
    weight = world.plant.load_weight
    served = safe.step.state.served[0]
    assert served[weight == 5].min() > 0.95
    assert served[weight == 1].max() < 0.9
    assert safe.bill.objective[0] > plain.bill.objective[0]


def test_no_load_that_is_on_falls_by_more_than_the_free_share_where_it_can_stay(
    world: RestorationWorld,
) -> None:
    """Full load was on; what the turbine is told to stop, the battery gives."""
    state = replace(at(world, 0.8), unit_last_kw=np.array([[500.0]]))
    wish = decided(world.plant, served=0.8, p_kw=0.0, battery_kw=-100.0)
    seen = sight(world, 1)
    safe = play_step(world, state, wish, seen, IslandGuard(world))
    assert safe.touched.all()
    assert safe.step.state.served.min() >= 0.78 - 1e-9
    assert safe.bill.shed_kwh[0] == pytest.approx(0.0, abs=1e-9)


def test_where_nothing_else_helps_load_falls(world: RestorationWorld) -> None:
    """Nothing but the droop unit, with 25 kWh left: 100 kW through the step."""
    state = replace(
        at(world, 0.8),
        unit_fuel_kwh=np.array([[25.0]]),
        fuel_kwh=np.array([[0.0]]),
        stored_kwh=np.array([[0.0]]),
    )
    wish = decided(world.plant, served=0.8, renewable_kw=200.0)
    safe = play_step(world, state, wish, sight(world, 1), IslandGuard(world))
    assert safe.touched.all()
    assert not safe.step.dropped.any()
    assert safe.step.unit_kw[0, 0] <= 100.0
    load_kw = safe.step.state.served @ world.plant.load_kw
    assert load_kw[0] == pytest.approx(300.0, rel=0.01)


def test_dead_islands_are_left_alone(world: RestorationWorld) -> None:
    state = replace(at(world, 0.5, 2), is_dead=np.array([True, False]))
    wish = decided(world.plant, served=1.0, count=2)
    guarded = IslandGuard(world)(state, wish, sight(world, 2))
    assert guarded.touched.tolist() == [False, True]
