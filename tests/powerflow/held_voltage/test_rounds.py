"""Generators that hold voltages: by hand on two buses, at limits, in batches, and what follows and what refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import Generator
from tieline.network import Network
from tieline.powerflow import solve
from tieline.powerflow.derivatives.gradients import adjoint
from tieline.units import S_BASE_KVA

FAR = 17
NEAR = 30


def holding_feeder(**near: float) -> Feeder:
    """The 33-bus feeder with a holder at the end of its longest branch and one on another."""
    feeder = load_feeder("ieee33")
    units = []
    for name, bus, held_v_pu in (("far", FAR, 1.0), ("near", NEAR, 0.99)):
        where = feeder.buses[bus]
        unit = Generator(name, where.name, (1, 0), "wye", where.kv_ll, 2000.0, 300.0)
        units.append(replace(unit, held_v_pu=held_v_pu))
    units[1] = replace(units[1], **near)
    return feeder.replace(generators=tuple(units))


def test_the_reactive_power_is_what_brings_the_voltage_there() -> None:
    """Given to a plain power flow it gives the held voltages."""
    network = Network.from_feeder(holding_feeder())
    held = solve(network, tolerance=1e-11)
    der_kvar = -held.q_kvar[:, network.devices.n_loads :]
    plain = solve(network, der_kvar=der_kvar, tolerance=1e-11)
    np.testing.assert_allclose(
        np.abs(held.v_pu[0, [FAR, NEAR]]), [1.0, 0.99], atol=1e-9
    )
    np.testing.assert_allclose(plain.v_pu, held.v_pu, atol=1e-9)


def test_one_line_by_hand() -> None:
    """At v1 = v2 = 1 over a reactance x alone P = sin(d) / x and the generator's Q = (1 - cos(d)) / x."""
    feeder = load_feeder("ieee33")
    line = feeder.lines[0]
    z_ohm = 0.5
    code = replace(line.code, r_ohm_per_km=((0.0,),), x_ohm_per_km=((z_ohm,),))
    kv = feeder.buses[0].kv_ll
    unit = Generator("g", line.to_bus, (1, 0), "wye", kv, 5e3, 3000.0, held_v_pu=1.0)
    two = feeder.replace(
        buses=feeder.buses[:2],
        lines=(replace(line, code=code, length_km=None),),
        loads=(),
        generators=(unit,),
    )
    network = Network.from_feeder(two)
    x_pu = z_ohm / (kv**2 * 1e3 / S_BASE_KVA)
    angle = np.arcsin(3000.0 / S_BASE_KVA * x_pu)
    expected_kvar = (1 - np.cos(angle)) / x_pu * S_BASE_KVA
    assert -solve(network).q_kvar[0, 0] == pytest.approx(expected_kvar, rel=1e-6)


def test_a_batch_is_what_its_scenarios_are_alone() -> None:
    """Also where the holder leaves its limit and comes back to it."""
    feeder = holding_feeder(held_q_low_kvar=-500.0, held_q_high_kvar=500.0)
    network = Network.from_feeder(feeder)
    load_scale = np.linspace(0.2, 2.5, 24)[:, None]
    batch = solve(network, load_scale=load_scale)
    assert batch.converged.all()
    scales = load_scale[:, 0].tolist()
    alone = [solve(network, load_scale=scale).v_pu[0] for scale in scales]
    np.testing.assert_allclose(batch.v_pu, alone, atol=1e-6)
    near_kvar = -batch.q_kvar[:, -1]
    at_high = near_kvar >= 500.0
    assert at_high.any()
    assert not at_high.all()
    near_pu = np.abs(batch.v_pu[:, NEAR])
    np.testing.assert_allclose(
        near_pu[~at_high & (near_kvar > -500.0)], 0.99, atol=1e-6
    )
    assert (near_pu[at_high] < 0.99 + 1e-6).all()


def test_given_reactive_powers_hold_nothing() -> None:
    network = Network.from_feeder(holding_feeder())
    solution = solve(network, der_kvar=np.zeros(2))
    assert not solution.holds_voltages
    assert np.abs(solution.v_pu[0, FAR]) < 0.99


def test_a_holder_without_supply_holds_nothing() -> None:
    network = Network.from_feeder(holding_feeder())
    closed = np.array([line.closed for line in network.feeder.lines], dtype=float)
    names = [line.to_bus for line in network.feeder.lines]
    closed[names.index(network.feeder.buses[FAR].name)] = 0.0
    solution = solve(network, line_closed=closed)
    assert solution.v_pu[0, FAR] == 0
    assert np.abs(solution.v_pu[0, NEAR]) == pytest.approx(0.99)


def test_a_holder_without_supply_holds_nothing_in_a_batch() -> None:
    """Of more scenarios than are solved one by one."""
    network = Network.from_feeder(holding_feeder())
    names = [line.to_bus for line in network.feeder.lines]
    closed = np.array([line.closed for line in network.feeder.lines], dtype=float)
    closed[names.index(network.feeder.buses[FAR].name)] = 0.0
    load_scale = np.linspace(0.5, 1.5, 24)[:, None]
    solution = solve(network, line_closed=closed, load_scale=load_scale)
    assert solution.converged.all()
    assert (solution.v_pu[:, FAR] == 0).all()
    np.testing.assert_allclose(np.abs(solution.v_pu[:, NEAR]), 0.99, atol=1e-6)


def test_derivatives_refuse_what_they_would_have_to_follow() -> None:
    solution = solve(Network.from_feeder(holding_feeder()))
    with pytest.raises(InputError, match="hold voltages"):
        adjoint(solution, np.ones_like(solution.v_pu))


def test_steps_of_newtons_method_count_as_iterations() -> None:
    network = Network.from_feeder(holding_feeder())
    assert 2 <= solve(network).iterations[0] <= 20
    # at a limit one more set of holders is settled, from where the first one ended
    limited = Network.from_feeder(holding_feeder(q_high_limit_kvar=100.0))
    assert 4 <= solve(limited).iterations[0] <= 40


def test_a_singular_slope_or_no_voltage_without_load_is_no_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def singular(_: object) -> None:
        raise RuntimeError("Factor is exactly singular")

    network = Network.from_feeder(holding_feeder())
    scale = np.linspace(0.5, 1.0, 20)[:, None]
    held_kvar = solve(network, load_scale=scale).q_kvar
    monkeypatch.setattr("tieline.powerflow.held_voltage.rounds.splu", singular)
    # each scenario by itself still finds the way
    solution = solve(network, load_scale=scale)
    assert solution.converged.all()
    np.testing.assert_allclose(solution.q_kvar, held_kvar, atol=1e-3)
    for module in ("joint", "case"):
        monkeypatch.setattr(f"tieline.powerflow.held_voltage.{module}.splu", singular)
    assert not solve(network, load_scale=scale).converged.any()
