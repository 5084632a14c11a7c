"""Limits of active power with a direction: kept by every formulation, judged by the replay, priced by their duals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from builders import two_bus, with_generators
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf import (
    Answer,
    BranchLimit,
    InfeasibleError,
    Problem,
    make_problem,
    replay,
    solve_lp,
    solve_nlp,
    solve_socp,
)
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.prices import from_duals
from tieline.powerflow import solve

pytest.importorskip("casadi")
pytest.importorskip("clarabel")
pytest.importorskip("highspy")

METHODS: list[Callable[[Problem], Answer]] = [solve_lp, solve_socp, solve_nlp]


def lateral(**limit: Any) -> Problem:
    """Two cheap generators behind branch_24 of the 33-bus feeder, which feeds buses 24 and 25: they would send 1100 kW back."""
    network = Network.from_feeder(with_generators(load_feeder("ieee33"), 2, 1000.0))
    limits = (BranchLimit("line", "branch_23", **limit),)
    return make_problem(
        network, price=0.1, cost=[0.05, 0.06], v_min_pu=0.9, branch_limits=limits
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("allowed_kw", [300.0, 0.0])
def test_what_flows_back_is_limited_and_priced(
    method: Callable[[Problem], Answer], allowed_kw: float
) -> None:
    problem = lateral(reverse_kw=allowed_kw)
    answer = method(problem)
    flow = answer.replay.flow[0, 0]
    assert flow == pytest.approx(allowed_kw, abs=0.1)
    assert answer.replay.violations == ()
    # A kW more back is a kW of 6 cents in place of one of 10 and its losses.
    costs = [
        solve_nlp(lateral(reverse_kw=allowed_kw + more)).objective
        for more in (0.0, 1.0)
    ]
    assert answer.duals.flow[0, 0] == pytest.approx(costs[0] - costs[1], rel=0.02)
    prices = from_duals(answer)
    node = problem.network.node_index["25.1"]
    assert prices.congestion[0, node] == pytest.approx(
        -answer.duals.flow[0, 0], rel=0.1
    )


def test_prices_behind_a_directed_limit_by_perturbation() -> None:
    problem = lateral(reverse_kw=300.0)
    answer = solve_nlp(problem)
    price = from_duals(answer).total[0]
    assert from_duals(answer).total == pytest.approx(answer.duals.node_kw, abs=1e-6)
    for load in (5, 20, 22, 23, 30):
        costs = []
        for step in (1.0, -1.0):
            demand = problem.steps.load_kw.copy()
            demand[0, load] += step
            costs.append(solve_nlp(problem.replace(load_kw=demand)).objective)
        node = problem.network.devices.plus[load]
        assert price[node] == pytest.approx((costs[0] - costs[1]) / 2, rel=0.01)


@pytest.mark.parametrize("method", METHODS)
def test_a_forward_limit_that_no_set_points_keep_is_named(
    method: Callable[[Problem], Answer],
) -> None:
    network = Network.from_feeder(
        with_generators(two_bus(p_kw=1000.0, q_kvar=0.0), 1, 100.0)
    )
    limits = (BranchLimit("line", "ab", forward_kw=500.0, reverse_kw=500.0),)
    problem = make_problem(network, price=0.1, v_min_pu=0.9, branch_limits=limits)
    with pytest.raises(
        InfeasibleError, match=r"limit of line 'ab' forward 500 -> 9\d\d.* kW"
    ) as caught:
        method(problem)
    idle = replay(problem, np.array([[100.0]]), np.array([[0.0]]))
    assert caught.value.relaxations[0].needed == pytest.approx(idle.flow[0, 0], abs=0.5)


@pytest.mark.parametrize("method", [solve_lp, solve_nlp])
def test_each_phase_keeps_its_own_limit(method: Callable[[Problem], Answer]) -> None:
    network = Network.from_feeder(with_generators(load_feeder("ieee13"), 3, 500.0))
    base = solve(network, der_kw=0.0, controls="off")
    line = network.element_index["line", "632670"]
    at_start = (network.terminals.element == line) & (network.terminals.side == 1)
    allowed = float(base.terminal_kva[0, at_start].real.max()) - 100.0
    limits = (BranchLimit("line", "632670", forward_kw=allowed, per_phase=True),)
    problem = make_problem(
        network, price=0.1, cost=0.2, v_min_pu=0.8, v_max_pu=1.2, branch_limits=limits
    )
    assert len(problem.limits.flows) == 3
    answer = method(problem)
    assert answer.replay.violations == ()
    assert answer.replay.flow[0].max() == pytest.approx(allowed, abs=0.01)


def test_a_row_reads_the_power_at_the_first_end_in_its_direction() -> None:
    network = Network.from_feeder(load_feeder("ieee13"))
    limits = (
        BranchLimit("line", "650632", forward_kw=1.0, reverse_kw=2.0),
        BranchLimit("transformer", "xfm1", forward_kw=3.0, per_phase=True),
    )
    flows = FlowLimits.of(network, limits)
    assert flows.names[:3] == (
        "line '650632' forward",
        "line '650632' reverse",
        "transformer 'xfm1' phase 1 forward",
    )
    solution = solve(network)
    line = network.element_index["line", "650632"]
    at_start = (network.terminals.element == line) & (network.terminals.side == 1)
    power = solution.terminal_kva[0, at_start].real.sum()
    assert flows.values(solution)[0, :2] == pytest.approx([power, -power])


@pytest.mark.parametrize(
    "limit",
    [{}, {"a": 1.0, "forward_kw": 1.0}, {"reverse_kw": -1.0}, {"forward_kw": np.nan}],
)
def test_a_limit_of_no_or_several_kinds_is_refused(limit: dict[str, Any]) -> None:
    with pytest.raises(
        InputError, match="`forward_kw` and `reverse_kw`, either or both, 0 or more"
    ):
        BranchLimit("line", "ab", **limit)
