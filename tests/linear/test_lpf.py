"""LPF by hand, against the papers' equations written out, against AC to first order, and a published flow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.errors import InputError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import Shunt, Transformer, Winding
from tieline.linear import LinearModel, LinearSolution, dc, lindistflow, lpf
from tieline.linear.losses import FlowLoss
from tieline.linear.lpf import active_loss_factors
from tieline.network import Network
from tieline.powerflow import solve

R_OHM, X_OHM, KV = 0.5, 0.3, 12.66


def closed_everywhere(name: str) -> Network:
    """A bundled feeder with its tie lines closed: meshed."""
    feeder = load_feeder(name)
    return Network.from_feeder(
        feeder.replace(lines=tuple(replace(line, closed=True) for line in feeder.lines))
    )


def test_two_buses_by_hand() -> None:
    answer = lpf(Network.from_feeder(two_bus(1000.0, 500.0))).evaluate()
    base_ohm = KV**2  # on 1 MVA
    r, x = R_OHM / base_ohm, X_OHM / base_ohm
    drop = r * 1.0 + x * 0.5
    assert answer.vm_pu[0, 1] == pytest.approx(1 - drop, abs=1e-12)
    # angles
    assert answer.x[0, :2] == pytest.approx([0.0, -(x * 1.0 - r * 0.5)], abs=1e-12)
    assert answer.p_kw[0] == pytest.approx([1000.0], abs=1e-8)
    assert answer.q_kvar[0] == pytest.approx([500.0], abs=1e-8)
    assert answer.loss_kw[0] == pytest.approx(
        (1.0**2 + 0.5**2) * r / (1 - drop) * 1e3, abs=1e-9
    )


def test_equations_of_the_papers_on_a_meshed_feeder() -> None:
    network = closed_everywhere("ieee33")
    feeder, base_ohm = network.feeder, float(network.node_kv[0]) ** 2
    count = network.n_nodes
    b1, b2 = np.zeros((count, count)), np.zeros((count, count))
    for line in feeder.lines:
        i, j = (network.node_index[f"{bus}.1"] for bus in (line.from_bus, line.to_bus))
        r, x = (
            line.code.r_ohm_per_km[0][0] / base_ohm,
            line.code.x_ohm_per_km[0][0] / base_ohm,
        )
        k1, k2 = r * x / (r**2 + x**2), x**2 / (r**2 + x**2)
        for matrix, value in ((b1, k1 / x), (b2, k2 / x)):
            matrix[[i, j], [i, j]] += value
            matrix[[i, j], [j, i]] -= value
    p, q = np.zeros(count), np.zeros(count)
    for load in feeder.loads:
        p[network.node_index[f"{load.bus}.1"]] -= load.p_kw / 1e3
        q[network.node_index[f"{load.bus}.1"]] -= load.q_kvar / 1e3
    slack = int(network.source_nodes[0])
    others = np.delete(np.arange(count), slack)
    # slack: angle 0, V = 1
    given = np.concatenate(
        [p[others] - b1[others, slack], q[others] - b2[others, slack]]
    )
    block = np.block([[b2, b1], [-b1, b2]])[
        np.ix_(np.r_[others, others + count], np.r_[others, others + count])
    ]
    solved = np.linalg.solve(block, given)
    answer = lpf(network).evaluate()
    np.testing.assert_allclose(answer.vm_pu[0, others], solved[count - 1 :], atol=1e-11)
    np.testing.assert_allclose(answer.x[0, others], solved[: count - 1], atol=1e-11)


def test_lossless_flow_of_line_10_11_of_the_69_bus_feeder() -> None:
    """Published: 740 kW. The sum of the loads behind the line is 739.8 kW."""
    model = lpf(Network.from_feeder(load_feeder("ieee69")))
    flow = dict(zip(model.branch_names, model.evaluate().p_kw[0], strict=True))
    assert flow["line.branch_10.1"] == pytest.approx(739.8, abs=0.01)


@pytest.mark.parametrize(
    "network",
    [closed_everywhere("ieee33"), closed_everywhere("ieee69")],
    ids=["ieee33", "ieee69"],
)
def test_error_against_ac_falls_with_the_square_of_the_load(network: Network) -> None:
    model, error = lpf(network), []
    for scale in (2e-2, 1e-2):
        solution = solve(network, load_scale=scale, tolerance=1e-13)
        answer = model.evaluate(load_scale=scale)
        flow = (
            answer.p_kw
            + 1j * answer.q_kvar
            - solution.terminal_kva[:, model.branch_terminal]
        )
        error.append((np.abs(answer.vm_pu - solution.vm_pu).max(), np.abs(flow).max()))
    assert np.divide(*error) == pytest.approx(4.0, rel=0.05)


def test_transformer_shift_shunt_and_source_impedance_at_small_load() -> None:
    network = Network.from_feeder(with_transformer(1.0, 1e-3))
    solution = solve(network, tolerance=1e-13)
    answer = lpf(network).evaluate()
    np.testing.assert_allclose(answer.vm_pu, solution.vm_pu, atol=1e-7)
    np.testing.assert_allclose(answer.x[0, :3], np.angle(solution.v_pu[0]), atol=1e-7)
    flow = solution.terminal_kva[:, lpf(network).branch_terminal]
    np.testing.assert_allclose(answer.p_kw + 1j * answer.q_kvar, flow, atol=1e-3)


def test_no_load_voltage_behind_a_tap_is_exact() -> None:
    network = Network.from_feeder(with_transformer(1.05, 0.0).replace(shunts=()))
    answer = lpf(network).evaluate()
    np.testing.assert_allclose(
        answer.vm_pu, solve(network, tolerance=1e-13).vm_pu, atol=1e-12
    )
    assert answer.vm_pu[0] == pytest.approx([1.0, 1.0, 1 / 1.05], abs=1e-12)


@pytest.mark.parametrize("make", [lpf, dc])
def test_loss_factors_of_the_papers_hold_reactive_flows_and_voltages(make) -> None:
    model = make(closed_everywhere("ieee33"))
    answer = model.evaluate()
    step_kw, here = 0.1, held_loss_kw(answer, answer.p_kw[0])
    factors = active_loss_factors(answer)[0]
    for node in (5, 17, 32):
        change = -model.sensitivity("p_kw", "node_kw", columns=[node])[:, 0] * step_kw
        up, down = (
            held_loss_kw(answer, answer.p_kw[0] + sign * change) for sign in (1, -1)
        )
        assert factors[node] == pytest.approx((up - down) / (2 * step_kw), rel=1e-6)
        assert down > here > up  # this feeder consumes: injecting saves losses


def test_loss_factors_by_flows_need_flows() -> None:
    with pytest.raises(InputError, match="not lindistflow"):
        active_loss_factors(lindistflow(Network.from_feeder(two_bus())).evaluate())


@pytest.mark.parametrize("make", [lpf, dc])
def test_feeder_with_phases_is_refused(make) -> None:
    with pytest.raises(
        InputError, match="single-phase equivalents; feeder 'random-0' has phases"
    ):
        make(Network.from_feeder(random_feeder(0, 5)))


def test_transformer_of_three_windings_is_refused() -> None:
    feeder = with_transformer(1.0, 1.0)
    third = Winding("c", (1, 0), "wye", 4.16, 5000.0)
    unit = replace(
        feeder.transformers[0],
        windings=(*feeder.transformers[0].windings, third),
        x_pct=(6.0, 6.0, 6.0),
    )
    with pytest.raises(InputError, match="'unit' has 3"):
        lpf(Network.from_feeder(feeder.replace(transformers=(unit,))))


def held_loss_kw(answer: LinearSolution, p_kw: np.ndarray) -> float:
    """Loss with other active flows, reactive flows and voltages as they are."""
    model: LinearModel = answer.model
    loss = model.loss
    assert isinstance(loss, FlowLoss)
    square = p_kw**2 + answer.q_kvar[0] ** 2
    return float(
        (loss.r_pu * square / (loss.v_from(answer.x) * loss.v_to(answer.x))[0]).sum()
        / 1e3
    )


def with_transformer(tap: float, scale: float) -> Feeder:
    """Source with an impedance, line, transformer with a tap and a phase shift, load and shunt behind it."""
    feeder = two_bus(1000.0 * scale, 500.0 * scale)
    bus_c = replace(feeder.buses[1], name="c", kv_ll=4.16)
    first = Winding("b", (1, 0), "wye", 12.66, 5000.0, r_pct=0.5, tap=tap)
    unit = Transformer(
        "unit",
        1,
        (first, Winding("c", (1, 0), "wye", 4.16, 5000.0, r_pct=0.5)),
        (6.0,),
        shift_deg=30.0,
    )
    order = {"a": 0, "b": 1, "c": 2}
    buses = tuple(sorted((*feeder.buses, bus_c), key=lambda bus: order[bus.name]))
    return feeder.replace(
        buses=buses,
        sources=(replace(feeder.source, r1_ohm=0.1, x1_ohm=0.4),),
        transformers=(unit,),
        loads=(replace(feeder.loads[0], bus="c", kv=4.16),),
        shunts=(Shunt("bank", "c", (1, 0), "wye", 4.16, 0.1 * scale, -300.0 * scale),),
    )
