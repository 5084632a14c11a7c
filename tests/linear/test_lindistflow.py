"""LinDistFlow against the textbook recursions written out, and against AC to first order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.errors import InputError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import CONSTANT_POWER, Line, LineCode, Shunt
from tieline.linear import LinearModel, lindistflow
from tieline.network import Network
from tieline.network.topology import tree_from_source
from tieline.powerflow import Solution, solve

R_OHM, X_OHM, KV = 0.5, 0.3, 12.66


def test_two_buses_by_hand() -> None:
    model = lindistflow(Network.from_feeder(two_bus(1000.0, 500.0)))
    answer = model.evaluate()
    base_ohm = KV**2  # on 1 MVA
    assert answer.vm_pu[0, 1] ** 2 == pytest.approx(
        1 - 2 * (R_OHM * 1.0 + X_OHM * 0.5) / base_ohm, abs=1e-12
    )
    assert answer.p_kw[0] == pytest.approx([1000.0], abs=1e-8)
    assert answer.q_kvar[0] == pytest.approx([500.0], abs=1e-8)
    assert answer.loss_kw[0] == pytest.approx(
        (1.0**2 + 0.5**2) * R_OHM / base_ohm * 1e3, abs=1e-8
    )


def test_single_phase_recursion_of_baran_and_wu() -> None:
    feeder = load_feeder("ieee33")
    network = Network.from_feeder(feeder)
    tree, base_ohm = tree_from_source(feeder), feeder.buses[0].kv_ll ** 2
    below = dict.fromkeys(tree.order, 0j)
    for load in feeder.loads:
        below[load.bus] += complex(load.p_kw, load.q_kvar) / 1e3
    for bus in reversed(tree.order[1:]):
        below[tree.parent[bus] or ""] += below[bus]
    lines = {frozenset((line.from_bus, line.to_bus)): line for line in feeder.lines}
    square = {tree.order[0]: feeder.source.v_pu**2}
    for bus in tree.order[1:]:
        parent = tree.parent[bus] or ""
        code = lines[frozenset((parent, bus))].code
        r, x = code.r_ohm_per_km[0][0] / base_ohm, code.x_ohm_per_km[0][0] / base_ohm
        square[bus] = square[parent] - 2 * (r * below[bus].real + x * below[bus].imag)
    expected = np.sqrt([square[bus.name] for bus in feeder.buses])
    np.testing.assert_allclose(
        lindistflow(network).evaluate().vm_pu[0], expected, atol=1e-11
    )


def test_multiphase_recursion_of_gan_and_low() -> None:
    """Impedances rotated by the 120 degrees between the phases of a balanced feeder."""
    feeder = without_shunts(random_feeder(3, 12))
    network = Network.from_feeder(feeder)
    below = np.zeros(network.n_nodes, dtype=complex)
    for load in feeder.loads:
        nodes = network.nodes(*(f"{load.bus}.{phase}" for phase in load.nodes[:-1]))
        below[nodes] += complex(load.p_kw, load.q_kvar) / 1e3 / len(nodes)
    square = np.full(network.n_nodes, feeder.source.v_pu**2)
    base_ohm = float(network.node_kv[0]) ** 2
    ends = [
        (
            line,
            *(
                network.nodes(*(f"{bus}.{phase}" for phase in line.from_nodes))
                for bus in (line.from_bus, line.to_bus)
            ),
        )
        for line in feeder.lines
    ]
    for _, start, end in reversed(ends):  # the builder lists parents before children
        below[start] += below[end]
    for line, start, end in ends:
        z = (
            (np.array(line.code.r_ohm_per_km) + 1j * np.array(line.code.x_ohm_per_km))
            * line.impedance_factor
            / base_ohm
        )
        phase = np.array(line.from_nodes)
        rotated = np.exp(-2j * np.pi / 3 * (phase[:, None] - phase[None, :])) ** -1 * z
        square[end] = square[start] - 2 * (rotated @ np.conj(below[end])).real
    answer = lindistflow(network).evaluate()
    np.testing.assert_allclose(answer.vm_pu[0], np.sqrt(square), atol=1e-10)
    flow = np.concatenate([below[end] for _, _, end in ends]) * 1e3
    np.testing.assert_allclose(answer.p_kw[0] + 1j * answer.q_kvar[0], flow, atol=1e-6)


@pytest.mark.parametrize(
    "feeder",
    [
        random_feeder(0, 15),
        random_feeder(1, 25),
        *map(load_feeder, ("ieee13", "ieee34", "ieee37", "ieee123", "case141")),
    ],
    ids=lambda feeder: feeder.name,
)
def test_error_against_ac_falls_with_the_square_of_the_load(feeder: Feeder) -> None:
    network = Network.from_feeder(feeder)
    held = held_positions(network)
    model = lindistflow(network, **held)
    rough, fine, none = (
        errors(model, at_load(network, held, scale)) for scale in (2e-2, 1e-2, 0.0)
    )
    for quantity in ("voltage", "flow", "loss"):
        # rounding: currents through switches of almost no impedance
        assert none[quantity] < 0.05 * rough[quantity], quantity
        assert fine[quantity] < 1.1 * rough[quantity] / 4 + none[quantity], quantity


def test_loop_is_refused_and_named() -> None:
    network = Network.from_feeder(load_feeder("ieee33"))
    closed = np.ones(len(network.feeder.lines))
    with pytest.raises(InputError, match=r"meshed.*\n.*buses .* - .*\(.*switch|line"):
        lindistflow(network, line_closed=closed)


def test_power_at_a_neutral_has_no_effect_that_is_known() -> None:
    feeder = with_neutral(two_bus())
    model = lindistflow(Network.from_feeder(feeder))
    change = model.sensitivity("voltage", "node_kw")
    neutral = model.network.node_index["b.4"]
    assert np.isnan(change[:, neutral]).all()
    assert np.isfinite(np.delete(change, neutral, axis=1)).all()


def held_positions(network: Network) -> dict[str, Any]:
    """Taps and capacitor steps where the feeder's controls come to rest."""
    rest = solve(network)
    return {"taps": rest.taps[0], "capacitor_steps": rest.capacitor_steps[0]}


def at_load(network: Network, held: dict[str, Any], scale: float) -> Solution:
    return solve(
        network,
        load_scale=scale,
        controls="off",
        tolerance=1e-13,
        max_iterations=200,
        **held,
    )


def errors(model: LinearModel, solution: Solution) -> dict[str, float]:
    answer = model.evaluate_devices(solution.p_kw, solution.q_kvar)
    flow = (
        answer.p_kw
        + 1j * answer.q_kvar
        - solution.terminal_kva[:, model.branch_terminal]
    )
    return {
        "voltage": float(
            np.abs(
                answer.vm_pu**2 - model.points.magnitude_pu(solution.v_pu) ** 2
            ).max()
        ),
        "flow": float(np.abs(flow).max()),
        "loss": float(np.abs(answer.loss_kw - solution.loss_kw).max()),
    }


def without_shunts(feeder: Feeder) -> Feeder:
    """No charging, no capacitor, an ideal source, wye loads of constant power."""
    return feeder.replace(
        lines=tuple(replace(line, code=no_charging(line)) for line in feeder.lines),
        capacitors=(),
        sources=(
            replace(feeder.source, r1_ohm=0.0, x1_ohm=0.0, r0_ohm=0.0, x0_ohm=0.0),
        ),
        loads=tuple(
            replace(load, zip_p=CONSTANT_POWER, zip_q=CONSTANT_POWER)
            for load in feeder.loads
            if load.connection == "wye"
        ),
    )


def no_charging(line: Line) -> LineCode:
    size = len(line.from_nodes)
    return replace(line.code, c_nf_per_km=((0.0,) * size,) * size)


def with_neutral(feeder: Feeder) -> Feeder:
    """A conductor 4 at bus b, all but grounded, that a small shunt ties to the phase."""
    bus_a, bus_b = feeder.buses
    bleed = Shunt("bleed", "b", (1, 4), "wye", KV, 1e-3, 0.0)
    earth = Shunt("earth", "b", (4, 0), "wye", KV, 1e9, 0.0)
    buses = (bus_a, replace(bus_b, phases=(1, 4)))
    return feeder.replace(
        buses=buses, shunts=(bleed, earth), single_phase_equivalent=False
    )
