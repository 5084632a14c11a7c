"""The order of a step: what fits stays, what does not is dropped by weight or cut, and what nobody holds goes dark."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from restoration_cases import HOURS, decided, small_plant, two_droop_units

from tieline.envs.restoration.step.island_step import IslandStep, island_step
from tieline.feeders.islands import read_island
from tieline.opf.restoration.plant import make_island_plant
from tieline.opf.restoration.state import IslandState, first_state
from tieline.powerflow.island import solve_island

SUN_KW = np.array([200.0])
WATT = 1e-3

PAGE = Path(__file__).parents[4] / "docs" / "islands.md"


def step(plant, state: IslandState, **decision: float) -> IslandStep:
    """A step with the same decision in every scenario."""
    set_points = decided(plant, count=state.n_scenarios, **decision)
    return island_step(plant, state, set_points, SUN_KW, HOURS)


def test_what_fits_is_carried_out_and_balances() -> None:
    plant = small_plant()
    result = step(plant, first_state(plant, 1), battery_kw=40.0)
    assert result.fits.all()
    assert not result.dropped.any()
    load_kw = 0.5 * plant.load_kw.sum()
    (solved,) = result.solved
    loss_kw = solved.solution.flow.loss_kw[0]
    expected_kw = load_kw + loss_kw - 150.0 - 40.0 - 100.0
    assert result.unit_kw[0, 0] == pytest.approx(expected_kw, abs=1e-6)
    assert result.frequency_hz[0] == pytest.approx(50 - (expected_kw - 300) / 1e3)
    after = result.state
    assert after.fuel_kwh[0, 0] == pytest.approx(500.0 - HOURS * 150.0)
    assert after.unit_fuel_kwh[0, 0] == pytest.approx(1000.0 - HOURS * expected_kw)
    assert after.stored_kwh[0, 0] == pytest.approx(100.0 - HOURS * 40.0 / 0.9)
    assert after.last_kw[0, 0] == 150.0
    assert after.frequency_hz[0] == result.frequency_hz[0]


def test_set_points_are_moved_inside_what_units_can_do() -> None:
    """Ramp of 100 kW a step from 100 kW, sun of 200 kW, a battery of 100 kW."""
    plant = small_plant()
    state = first_state(plant, 1)
    result = step(
        plant, state, served=0.9, p_kw=500.0, battery_kw=900.0, renewable_kw=900.0
    )
    carried_out = result.set_points
    assert carried_out.p_kw[0, 0] == 200.0
    assert carried_out.renewable_kw[0, 0] == 200.0
    assert carried_out.battery_kw[0, 0] == 100.0


def test_load_of_least_weight_is_dropped_until_the_ramp_is_kept() -> None:
    """From 200 kW the unit reaches 500 kW in a step: full load asks for more, and loads of weight 1 give way to those of 5."""
    plant = small_plant()
    result = step(plant, first_state(plant, 1), served=1.0)
    assert result.unit_kw[0, 0] == pytest.approx(500.0, abs=WATT)
    assert result.fits.all()
    is_dear = plant.load_weight > 1
    assert not result.dropped[0, is_dear].any()
    share = result.dropped[0, ~is_dear]
    assert 0 < share[0] < 1
    np.testing.assert_allclose(share, share[0])
    # the least drop that fits: the same load a little larger leaves the range
    more = solve_island(
        plant.island,
        load_kw=result.state.served * plant.load_kw * 1.0001,
        load_kvar=result.state.served * plant.load_kvar,
        der_kw=_der_kw(plant, result),
        der_kvar=np.zeros((1, 3)),
    )
    assert more.p_kw[0, 0] > 500.0


def _der_kw(plant, result: IslandStep) -> np.ndarray:
    der_kw = np.zeros((1, len(plant.q_max_kvar)))
    der_kw[:, plant.generator_ders] = result.set_points.p_kw
    der_kw[:, plant.battery_ders] = result.set_points.battery_kw
    der_kw[:, plant.renewable_ders] = result.set_points.renewable_kw
    return der_kw


def test_dear_load_is_dropped_when_the_rest_is_gone() -> None:
    """An empty tank leaves 8 kWh: 32 kW through a step."""
    plant = small_plant()
    state = first_state(plant, 1)
    nearly_empty = replace(state, unit_fuel_kwh=np.array([[8.0]]))
    result = step(plant, nearly_empty, served=1.0)
    assert result.unit_kw[0, 0] == pytest.approx(32.0, abs=WATT)
    is_dear = plant.load_weight > 1
    np.testing.assert_allclose(result.dropped[0, ~is_dear], 1.0)
    assert 0 < result.dropped[0, is_dear].max() < 1
    assert result.state.unit_fuel_kwh[0, 0] == pytest.approx(0.0, abs=WATT)
    after = step(plant, result.state, served=1.0)
    assert after.state.is_dead.all()


def test_surplus_is_cut_from_the_sun_first() -> None:
    """10 % of the load leaves more than the unit may take up: it stays at the lower end, and sun gives way before the turbine."""
    plant = small_plant()
    result = step(plant, first_state(plant, 1), served=0.25, renewable_kw=200.0)
    assert result.unit_kw[0, 0] == pytest.approx(0.0, abs=WATT)
    assert 0 < result.set_points.renewable_kw[0, 0] < 200.0
    assert result.set_points.p_kw[0, 0] == 150.0
    assert not result.state.is_dead.any()
    less = step(plant, first_state(plant, 1), served=0.1, renewable_kw=200.0)
    assert less.set_points.renewable_kw[0, 0] == 0.0
    assert 0 < less.set_points.p_kw[0, 0] < 150.0


def test_a_charging_battery_goes_on_charging() -> None:
    plant = small_plant()
    result = step(plant, first_state(plant, 1), served=0.1, battery_kw=-50.0)
    assert result.set_points.battery_kw[0, 0] == -50.0


def test_a_unit_without_fuel_leaves_a_dead_island_for_good() -> None:
    plant = small_plant()
    state = first_state(plant, 2)
    one_empty = replace(state, unit_fuel_kwh=np.array([[0.0], [1000.0]]))
    result = step(plant, one_empty)
    assert result.state.is_dead.tolist() == [True, False]
    assert not result.state.served[0].any()
    assert np.isnan(result.frequency_hz[0])
    # nominal, the last that it had
    assert result.state.frequency_hz[0] == 50.0
    assert result.unit_kw[0, 0] == 0.0
    assert result.state.stored_kwh[0, 0] == 100.0
    refuelled = replace(result.state, unit_fuel_kwh=state.unit_fuel_kwh)
    assert step(plant, refuelled).state.is_dead.tolist() == [True, False]


def test_the_other_unit_carries_on() -> None:
    """Of two droop units one runs dry: the second alone takes what both shared, and the first injects nothing."""
    plant = small_plant(droop_unit=two_droop_units())
    state = first_state(plant, 3)
    fuel_kwh = np.array([[1000.0, 1000.0], [0.0, 1000.0], [0.0, 0.0]])
    result = step(plant, replace(state, unit_fuel_kwh=fuel_kwh), served=0.6)
    assert result.unit_kw[0, 0] == pytest.approx(result.unit_kw[0, 1], abs=1e-4)
    assert result.unit_kw[1, 0] == 0.0
    assert result.unit_kw[1, 1] == pytest.approx(result.unit_kw[0].sum(), rel=0.02)
    assert result.state.is_dead.tolist() == [False, False, True]
    assert len(result.solved) == 2


def test_set_points_of_droop_units_steer_how_they_share() -> None:
    """100 kW more of P* on the first, 100 less on the second: 100 kW move from one to the other, and the frequency stays."""
    plant = small_plant(droop_unit=two_droop_units())
    state = first_state(plant, 1)
    set_points = decided(plant, served=0.6)
    result = island_step(plant, state, set_points, SUN_KW, HOURS)
    steered = replace(set_points, unit_set_kw=np.array([[400.0, 200.0]]))
    moved = island_step(plant, state, steered, SUN_KW, HOURS)
    difference = moved.unit_kw - result.unit_kw
    np.testing.assert_allclose(difference, [[100.0, -100.0]], atol=3.0)
    assert moved.frequency_hz[0] == pytest.approx(result.frequency_hz[0], abs=5e-3)


def test_demand_that_no_voltage_carries_is_cut_to_what_the_unit_holds() -> None:
    """A hundred times the load of the feeder has no power flow; the part that the unit can hold has one."""
    plant = small_plant()
    heavy = replace(plant, load_kw=100 * plant.load_kw, load_kvar=plant.load_kvar)
    result = step(heavy, first_state(heavy, 1), served=1.0)
    assert result.unit_kw[0, 0] == pytest.approx(500.0, abs=WATT)
    assert not result.state.is_dead.any()


def test_a_batch_is_its_scenarios() -> None:
    plant = small_plant()
    state = first_state(plant, 4)
    set_points = decided(plant, count=4)
    served = np.linspace(0.1, 1.0, 4)[:, None] * np.ones_like(set_points.served)
    set_points = replace(set_points, served=served)
    together = island_step(plant, state, set_points, SUN_KW, HOURS)
    for k in range(4):
        alone = step(plant, first_state(plant, 1), served=float(served[k, 0]))
        assert alone.unit_kw[0, 0] == pytest.approx(together.unit_kw[k, 0], abs=WATT)
        np.testing.assert_allclose(alone.dropped[0], together.dropped[k], atol=1e-5)


def test_the_three_phase_island_of_the_page(tmp_path: Path) -> None:
    """The file that docs/islands.md shows, an unbalanced part of IEEE 123: full load is dropped to what the units hold."""
    texts = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    file = tmp_path / "page.toml"
    file.write_text(texts[0])
    plant = make_island_plant(read_island(file))
    result = step(plant, first_state(plant, 1), served=1.0, p_kw=100.0)
    # 600 kW/h from nothing
    assert result.unit_kw[0, 0] == pytest.approx(150.0, abs=WATT)
    assert result.fits.all()
    (solved,) = result.solved
    load_kw = (result.state.served * plant.load_kw).sum()
    flow = solved.solution.flow
    # constant-impedance loads and loss are what the island really takes
    assert flow.source_kva.real[0] == pytest.approx(150.0, abs=WATT)
    assert 0.3 < load_kw / plant.load_kw.sum() < 0.5
    heavy = plant.load_weight > 1
    assert not result.dropped[0, heavy].any()
