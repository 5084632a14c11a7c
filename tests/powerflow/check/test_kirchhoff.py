"""Kirchhoff's current law at every node of random feeders, radial and meshed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import KV_LL, electrode, random_feeder, two_wire, wire
from tieline.errors import NotConvergedError
from tieline.feeders import load_feeder
from tieline.feeders.elements import CONSTANT_IMPEDANCE, Bus, Load, Source
from tieline.feeders.feeder import Feeder
from tieline.network import Network
from tieline.network.attach import with_generators_at
from tieline.powerflow import Outcome, solve
from tieline.powerflow.check.balance import judge
from tieline.powerflow.check.kirchhoff import mark_unbalanced
from tieline.powerflow.check.law import law_of


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**31), n_buses=st.integers(3, 40), n_loops=st.integers(0, 5)
)
def test_currents_balance_at_every_node(seed: int, n_buses: int, n_loops: int) -> None:
    network = Network.from_feeder(random_feeder(seed, n_buses, n_loops))
    solution = solve(
        network, load_scale=np.array([[0.0], [0.5], [1.0]]), tolerance=1e-12
    )
    assert solution.converged.all()
    assert solution.kcl_residual_pu.max() < 1e-9
    balance = (
        solution.source_kva
        - solution.load_kva.sum(axis=1)
        - solution.element_loss_kva[:, _passive(network)].sum(axis=1)
    )
    assert np.abs(balance).max() < 1e-5


def _passive(network: Network) -> list[bool]:
    return [kind != "source" for kind, _ in network.elements]


def test_neutral_on_an_electrode_is_a_voltage_divider() -> None:
    load_ohm, wire_ohm, electrode_ohm = 0.24**2 / 2.0 * 1e3, 0.1, 2.0
    solution = solve(
        Network.from_feeder(two_wire(p_kw=2.0, electrode_ohm=electrode_ohm)),
        tolerance=1e-12,
    )
    total_ohm = wire_ohm + load_ohm + electrode_ohm
    assert solution.v_pu[0] == pytest.approx(
        [1.0, 1 - wire_ohm / total_ohm, electrode_ohm / total_ohm], abs=1e-12
    )
    current_a = 240 / total_ohm
    assert solution.source_kva[0] == pytest.approx(240 * current_a / 1e3, abs=1e-9)
    assert solution.load_kva[0, 0] == pytest.approx(
        current_a**2 * load_ohm / 1e3, abs=1e-9
    )


def test_open_phase_serves_no_load_to_a_live_neutral() -> None:
    feeder = two_wire().replace(
        lines=(wire("feed", 1), wire("neutral", 4)), shunts=(electrode("a", 2.0),)
    )
    at_source = Load("at-source", "a", (1, 4), "wye", 0.24, 1.0, 0.0)
    beyond = Load("beyond", "b", (1, 4), "wye", 0.24, 1.0, 0.0)
    feeder = feeder.replace(
        buses=(Bus("a", (1, 4), KV_LL), Bus("b", (1, 4), KV_LL)),
        loads=(at_source, beyond),
    )
    network = Network.from_feeder(feeder)
    for closed in (
        [[0, 1], [1, 1]],
        [[0, 1], [0, 1]],
    ):
        # the phase dead in one scenario, or in all
        solution = solve(network, line_closed=closed, tolerance=1e-12)
        assert solution.converged.all()
        b_1, b_4 = network.nodes("b.1", "b.4")
        assert solution.v_pu[0, b_1] == 0
        # 2 ohm times the 4 A of the load at the source
        assert abs(solution.v_pu[0, b_4]) > 0.005
        assert solution.load_kva[0].tolist() == pytest.approx([1.0, 0.0], abs=1e-9)
        assert solution.source_kva[0].real == pytest.approx(
            1.0 + (abs(solution.v_pu[0, b_4]) * 240) ** 2 / 2.0 / 1e3, abs=1e-9
        )


def test_neutral_that_nothing_earths_is_named() -> None:
    loads = (Load("load", "b", (1, 4), "wye", 0.24, 2.0, 0.0),)
    feeder = two_wire().replace(shunts=(), loads=loads)
    feeder = feeder.replace(
        buses=(Bus("a", (1, 4), KV_LL), *feeder.buses[1:]),
        lines=(*feeder.lines, wire("neutral", 4)),
    )
    network = Network.from_feeder(feeder)
    with pytest.raises(
        NotConvergedError,
        match="nothing but loads and DERs earths the part of the feeder at bus 'a'",
    ):
        solve(network)


def test_voltages_that_are_no_answer_are_marked_wherever_they_stand_in_the_batch() -> (
    None
):
    network = Network.from_feeder(random_feeder(3, 12))
    solution = solve(network, load_scale=np.linspace(0.5, 1.0, 200)[:, None])
    moved = int(np.argmax(solution.iterations))
    solution.v_pu[[moved, 150], -1] *= 1.001
    mark_unbalanced(solution, _source_pu(network), 1e-8)
    assert set(np.flatnonzero(~solution.converged)) == {moved, 150}
    assert solution.outcome[moved] == Outcome.UNBALANCED
    assert np.isnan(solution.v_pu[moved]).all()
    # the neighbour on the short line
    assert "It is worst at node 'b7.2', where 87" in solution.reason(moved)


def _source_pu(network: Network) -> np.ndarray:
    """The voltages that the feeder's source holds, (1, source node)."""
    return np.array([network.feeder.source.voltages_pu])


def test_all_scenarios_are_judged_where_lines_differ() -> None:
    network = Network.from_feeder(random_feeder(3, 12, n_loops=3))
    closed = np.ones((100, len(network.feeder.lines)))
    closed[50, -1] = 0.0
    solution = solve(network, line_closed=closed)
    fastest = int(np.argmin(solution.iterations))
    solution.v_pu[fastest, -1] *= 1.001
    mark_unbalanced(solution, _source_pu(network), 1e-8)
    assert np.flatnonzero(~solution.converged).tolist() == [fastest]


@pytest.mark.parametrize(
    ("case", "node", "volt"),
    [
        ("01", "house.4", 18.141772),
        ("03", "house.4", 18.178673),
        ("04", "src.4", 1277.711995),
    ],
)
def test_earthed_neutrals_of_opendss_files(
    shared_dir: Path, case: str, node: str, volt: float
) -> None:
    (path,) = (shared_dir / "field-cases").glob(f"{case}-*.dss")
    network = Network.from_feeder(load_feeder(str(path)))
    solution = solve(network, load_model="opendss-band")
    k = int(network.nodes(node)[0])
    assert solution.vm_pu[0, k] == pytest.approx(
        volt / network.node_kv[k] / 1e3, abs=1e-6
    )


def test_star_point_without_earth_is_where_the_phase_currents_add_up_to_nothing() -> (
    None
):
    ohm = (10.0, 20.0, 40.0)
    buses = (Bus("a", (1, 2, 3, 4), KV_LL), Bus("b", (1, 2, 3, 4), KV_LL))
    wires = tuple(wire(f"feed-{node}", node) for node in (1, 2, 3, 4))
    loads = tuple(
        Load(
            f"load-{k}",
            "b",
            (k, 4),
            "wye",
            0.24,
            0.24**2 / ohm[k - 1] * 1e3,
            0.0,
            CONSTANT_IMPEDANCE,
            CONSTANT_IMPEDANCE,
        )
        for k in (1, 2, 3)
    )
    source = Source("grid", "a", (1, 2, 3), KV_LL)
    network = Network.from_feeder(Feeder("star", buses, (source,), wires, loads=loads))
    solution = solve(network, tolerance=1e-12)
    phase = np.exp(-2j * np.pi / 3 * np.arange(3))
    weight = 1 / (np.array(ohm) + 0.1)
    assert solution.v_pu[0, network.nodes("b.4")[0]] == pytest.approx(
        (phase * weight).sum() / weight.sum(), abs=1e-10
    )


def test_a_der_that_few_scenarios_use_holds_no_others_to_its_zero() -> None:
    """Bus 610 of the 123-node feeder has no load: its balance is as exact as the slopes, which a few scenarios with power set."""
    feeder = with_generators_at(load_feeder("ieee123"), ["610"], [100.0])
    network = Network.from_feeder(feeder)
    der_kw = np.zeros((3400, 1))
    # of 64 rows that the solver looks at two have power, of every fourth of these none
    der_kw[[54, 486]] = 100.0
    assert solve(network, der_kw=der_kw, controls="off").converged.all()


def test_taps_that_move_leave_the_law_as_it_is() -> None:
    """With controls acting taps end elsewhere in every call: the law is not put together anew, and still tells them apart."""
    network = load_feeder("ieee13").network
    n_regulators = len(network.feeder.regulators)
    low = solve(network, controls="off", taps=np.full(n_regulators, 2))
    high = solve(network, controls="off", taps=np.full(n_regulators, 9))
    assert law_of(network, low.state) is law_of(network, high.state)
    source_pu = _source_pu(network)
    row = np.zeros(1, dtype=np.int64)
    for solution in (low, high):
        assert judge(solution, source_pu, 1e-8, row).ratio[0] <= 1.0
    mixed = replace(low, v_pu=high.v_pu)
    assert judge(mixed, source_pu, 1e-8, row).ratio[0] > 1.0
