"""Readings of regulators and capacitor controls against the currents and powers of a solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numba import njit

from tieline.feeders import load_feeder
from tieline.feeders.elements import CapacitorControl
from tieline.network import Network
from tieline.powerflow import Solution, solve
from tieline.powerflow.controls.meters import meters_of, read_meters
from tieline.powerflow.kernel.lanes import LANES


def readings(solution: Solution) -> np.ndarray:
    """Of all controls at the first scenario, (reading,)."""
    network, state = solution.network, solution.state[0]
    every_node, every_state = np.arange(network.n_nodes), np.arange(len(state))
    meters = meters_of(network).at(every_node, every_state, np.ones(len(state)))
    vr, vi = (
        np.repeat(part(solution.v_pu[0])[:, None], LANES, axis=1)
        for part in (np.real, np.imag)
    )
    re, im, shown, changes = np.zeros((4, len(meters.is_power), LANES))
    read = njit(lambda *arguments: read_meters(*arguments))
    read(
        vr, vi, np.repeat(state[:, None], LANES, axis=1), meters, re, im, shown, changes
    )
    assert (shown == shown[:, :1]).all()
    assert changes == pytest.approx(np.hypot(re, im))  # from nothing
    return shown[:, 0]


def test_compensated_voltages() -> None:
    network = Network.from_feeder(load_feeder("ieee34"))
    solution = solve(network)
    table, found = network.regulators, readings(solution)
    for k, regulator in enumerate(network.feeder.regulators):
        ((node, _, terminal),) = table.phases[k]
        volt = solution.v_pu[0, node] * network.node_kv[node] * 1e3
        ampere = solution.terminal_current_pu[0, terminal] * network.node_base_a[node]
        expected = abs(
            volt / regulator.pt_ratio
            + complex(regulator.r_v, regulator.x_v) * ampere / regulator.ct_primary_a
        )
        assert found[k] == pytest.approx(expected, rel=1e-9)


def test_voltage_current_and_reactive_power_of_a_line() -> None:
    feeder = load_feeder("ieee13")
    line = next(line for line in feeder.lines if len(line.from_nodes) == 3)
    bank = feeder.capacitors[0].name
    meter = CapacitorControl(
        "",
        bank,
        "voltage",
        line.name,
        1,
        0.0,
        1e9,
        pt_ratio=20.0,
        ct_ratio=5.0,
        phase=2,
    )
    controls = tuple(
        replace(meter, name=kind, kind=kind) for kind in ("voltage", "current", "kvar")
    )
    network = Network.from_feeder(
        feeder.replace(regulators=(), capacitor_controls=controls)
    )
    solution = solve(network, controls="off")
    rows = network.capacitor_controls.power[0]
    volt = (
        np.abs(solution.v_pu[0, network.terminals.node[rows[1]]])
        * network.node_kv[network.terminals.node[rows[1]]]
        * 1e3
    )
    ampere = solution.terminal_current_a[0, rows[1]]
    kvar = solution.terminal_kva[0, rows].imag.sum()
    assert readings(solution) == pytest.approx(
        # a control by voltage acts on the voltage that it looks at, the other two look at none
        [volt / 20, 0.0, ampere / 5, 0.0, kvar],
        rel=1e-9,
    )
