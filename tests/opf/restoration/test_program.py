"""The cone program: figures worked out beforehand, prices by perturbation, islands that it cannot have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from restoration_cases import HOURS, TERMS, small_config, small_plant, two_droop_units

from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.world import make_world
from tieline.errors import InputError
from tieline.feeders.islands import read_island
from tieline.opf.restoration.no_plan import NoPlanError
from tieline.opf.restoration.plan import Plan
from tieline.opf.restoration.plant import IslandPlant, make_island_plant
from tieline.opf.restoration.program import WindowProgram
from tieline.opf.restoration.state import first_state
from tieline.opf.restoration.terms import Terms

LIMITED = replace(TERMS, v_low_pu=0.95, v_high_pu=1.05)


def plan(
    plant: IslandPlant, sun_kw: float | np.ndarray, steps: int, terms: Terms = TERMS
) -> Plan:
    available_kw = np.broadcast_to(sun_kw, (steps, len(plant.renewables.names)))
    program = WindowProgram(plant, terms, steps)
    return program.solve(first_state(plant, 1), available_kw)


def test_balance_ramps_and_tanks_by_hand() -> None:
    """The small island has enough of everything: all load is on, and what units give is load and loss."""
    plant = small_plant()
    result = plan(plant, 200.0, 4)
    np.testing.assert_allclose(result.served, 1.0, atol=1e-6)
    battery_kw = (result.discharge_kw - result.charge_kw).sum(axis=1)
    given_kw = result.unit_kw.sum(axis=1) + result.p_kw.sum(axis=1)
    given_kw += battery_kw + result.renewable_kw.sum(axis=1)
    loss_kw = given_kw - plant.load_kw.sum()
    assert np.all(loss_kw > 0.5)
    assert np.all(loss_kw < 0.02 * plant.load_kw.sum())
    # sun costs nothing
    np.testing.assert_allclose(result.renewable_kw, 200.0, atol=1e-3)
    assert np.abs(np.diff(result.unit_kw[:, 0], prepend=200.0)).max() <= 300.001
    fuel_kwh = result.unit_kw.sum() * HOURS
    assert fuel_kwh < 1000.0
    np.testing.assert_allclose(
        result.frequency_hz, 50 - (result.unit_kw[:, 0] - 300) / 1e3
    )


def test_what_a_kwh_is_worth_is_what_one_more_brings() -> None:
    """Ten kilowatts less load at one bus in one step, by a DER that nobody decides on."""
    plant = small_plant()
    program = WindowProgram(plant, TERMS, 3)
    state = first_state(plant, 1)
    # too little: each kWh more serves load
    poor = replace(
        state, unit_fuel_kwh=np.array([[120.0]]), fuel_kwh=np.array([[60.0]])
    )
    available_kw = np.full((3, 1), 20.0)
    base = program.solve(poor, available_kw)
    more_kw = available_kw.copy()
    more_kw[1] += 1.0
    more = program.solve(poor, more_kw)
    gain_per_kwh = (more.objective_kwh - base.objective_kwh) / HOURS
    bus = program.model.renewable[0]
    assert base.worth[1, bus] == pytest.approx(gain_per_kwh, rel=2e-3)
    assert gain_per_kwh > 0.5


def test_both_droop_units_hold_one_frequency() -> None:
    plant = small_plant(droop_unit=two_droop_units())
    result = plan(plant, 200.0, 3)
    np.testing.assert_allclose(result.unit_kw[:, 0], result.unit_kw[:, 1], atol=1e-3)


def test_island_with_phases_takes_its_equivalent() -> None:
    """The same objective, bus by bus, as the file that asks for the equivalent itself."""
    config = read_island("ieee36")
    with_phases = config.model_copy(update={"single_phase_equivalent": False})
    one = plan(make_island_plant(config), 200.0, 6)
    three = plan(make_island_plant(with_phases), 200.0, 6)
    assert three.objective_kwh == pytest.approx(one.objective_kwh, rel=1e-6)


def test_loop_is_refused_by_name() -> None:
    looped = small_plant(open=["branch_1"], close=["branch_33"])
    with pytest.raises(InputError, match="branch_33"):
        WindowProgram(looped, TERMS, 2)


def test_limits_that_stand_against_each_other_are_named() -> None:
    """At least 200 kW by frequency, through eight steps, with fuel for four."""
    unit = small_config().droop_unit[0]
    narrow = unit.model_copy(
        update={"f_low_hz": 49.9, "f_high_hz": 50.1, "fuel_kwh": 200.0}
    )
    plant = small_plant(droop_unit=[narrow.model_dump()])
    with pytest.raises(NoPlanError, match=r"8 steps .* frequency") as raised:
        plan(plant, 200.0, 8)
    assert raised.value.exit_code == 3
    assert "fuel of droop units" in raised.value.limits


def test_nothing_is_shed_where_it_is_forbidden() -> None:
    """All load is on, and fuel for a part of it is left: with a price it is shed at once, without one there is no plan."""
    plant = small_plant()
    state = first_state(plant, 1)
    poor = replace(
        state,
        served=np.ones((1, len(plant.load_kw))),
        unit_fuel_kwh=np.array([[80.0]]),
        fuel_kwh=np.array([[30.0]]),
    )
    dark_kw = np.zeros((3, 1))
    priced = WindowProgram(plant, TERMS, 3).solve(poor, dark_kw)
    assert priced.shed.max() > 0.05
    forbidden = WindowProgram(plant, replace(TERMS, shed_factor=np.inf), 3)
    with pytest.raises(NoPlanError):
        forbidden.solve(poor, dark_kw)


def test_plan_of_the_36_buses_as_worked_out_beforehand() -> None:
    """13 791.5 kWh of 14 742 with the forecast of the island: 0.635, 0.82, 0.947, then 0.955 held; chord gap below 3.1e-4 pu."""
    world = make_world(RestorationWorldConfig(), read_island("ieee36"))
    plant = world.plant
    result = plan(plant, world.forecast_kw, 24, LIMITED)
    served = result.served @ plant.load_kw
    assert HOURS * served.sum() == pytest.approx(13791.5, abs=0.5)
    share = served / plant.load_kw.sum()
    np.testing.assert_allclose(share[:4], [0.635, 0.82, 0.947, 0.955], atol=1.5e-3)
    assert result.gaps.branch_flow.max() < 1e-5
    assert result.gaps.droop_pu.max() < 3.1e-4
    assert result.gaps.overlap_kw.max() < 1e-3
    open_droop = WindowProgram(plant, LIMITED, 24, has_chord=False)
    published = open_droop.solve(first_state(plant, 1), world.forecast_kw)
    assert published.gaps.droop_pu.max() == pytest.approx(0.044, abs=1e-3)
    assert 0 < published.objective_kwh - result.objective_kwh < 3.0
