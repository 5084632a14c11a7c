"""Nodal prices: proved by perturbing the load at every bus; parts add up; the papers' form against differences."""

from __future__ import annotations

import numpy as np
import pytest

from builders import with_generators
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf import (
    BranchLimit,
    DerInputs,
    NlpModel,
    Problem,
    make_problem,
    solve_lp,
    solve_nlp,
    solve_socp,
)
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.prices import from_duals
from tieline.typing import FloatArray

pytest.importorskip("casadi")
pytest.importorskip("clarabel")
pytest.importorskip("highspy")


@pytest.fixture(scope="module")
def congested() -> Problem:
    """33 buses with a voltage limit and a line limit that bind."""
    network = Network.from_feeder(with_generators(load_feeder("ieee33"), 10, 300.0))
    limits = (BranchLimit("line", "branch_2", a=48.0),)
    return make_problem(
        network,
        price=0.1,
        cost=np.linspace(0.05, 0.11, 10),
        v_min_pu=0.97,
        branch_limits=limits,
        ders=DerInputs(cost_square=1e-5),
    )


def test_price_is_what_one_kilowatt_more_costs_at_every_bus(congested: Problem) -> None:
    model = NlpModel(congested)
    answer = model.solve()
    assert answer.duals.voltage.min() < -1.0
    assert answer.duals.flow.max() > 0.01
    price, node = from_duals(answer).total[0], congested.network.devices.plus
    for load in range(congested.steps.load_kw.shape[1]):
        costs = []
        for step in (1.0, -1.0):
            demand = congested.steps.load_kw.copy()
            demand[0, load] += step
            costs.append(model.solve(congested.replace(load_kw=demand)).objective)
        assert price[node[load]] == pytest.approx((costs[0] - costs[1]) / 2, rel=0.01)


def test_duals_of_limits_and_reactive_prices_by_perturbation(
    congested: Problem,
) -> None:
    model = NlpModel(congested)
    answer = model.solve()
    worst = int(answer.duals.voltage[0].argmin())

    limits, steps = congested.limits, congested.steps

    def slope(
        field: str, start: FloatArray, place: int | tuple[int, int], step: float
    ) -> float:
        costs = []
        for sign in (1, -1):
            array = start.copy()
            array[place] += sign * step
            costs.append(model.solve(congested.replace(**{field: array})).objective)
        return (costs[0] - costs[1]) / (2 * step)

    assert slope("v_min_pu", limits.v_min_pu, worst, 1e-4) == pytest.approx(
        -answer.duals.voltage[0, worst], rel=0.01
    )
    tight, loose = (
        FlowLimits.of(congested.network, (BranchLimit("line", "branch_2", a=a),))
        for a in (47.98, 48.02)
    )
    costs = [
        model.solve(congested.replace(flows=flows)).objective
        for flows in (tight, loose)
    ]
    assert (costs[1] - costs[0]) / 0.04 == pytest.approx(
        -answer.duals.flow.sum(), rel=0.01
    )
    load = 17
    node = congested.network.devices.plus[load]
    assert slope("load_kvar", steps.load_kvar, (0, load), 1.0) == pytest.approx(
        answer.duals.node_kvar[0, node], rel=0.01
    )


def test_parts_add_up_to_the_duals_of_the_solvers(congested: Problem) -> None:
    nlp, socp = solve_nlp(congested), solve_socp(congested)
    for answer in (nlp, socp):
        prices = from_duals(answer)
        assert prices.total == pytest.approx(answer.duals.node_kw, abs=1e-6)
        assert prices.voltage.max() > 0.001
        assert prices.congestion.max() > 0.001
    assert from_duals(socp).total == pytest.approx(from_duals(nlp).total, rel=1e-4)
    assert from_duals(solve_lp(congested)).total == pytest.approx(
        from_duals(nlp).total, rel=2e-3
    )


def test_parts_add_up_on_every_phase_of_an_unbalanced_feeder() -> None:
    network = Network.from_feeder(with_generators(load_feeder("ieee123"), 30, 60.0))
    problem = make_problem(
        network,
        price=0.1,
        cost=np.linspace(0.05, 0.11, 30),
        v_min_pu=0.965,
        branch_limits=(),
        ders=DerInputs(cost_square=1e-5),
    )
    answer = solve_nlp(problem)
    prices = from_duals(answer)
    assert prices.total == pytest.approx(answer.duals.node_kw, abs=1e-6)
    assert prices.voltage.max() > 0.001


def test_two_steps_of_half_an_hour_price_as_one_hour_does(congested: Problem) -> None:
    network, cost = congested.network, congested.ders.cost
    limits = (BranchLimit("line", "branch_2", a=48.0),)
    halves = make_problem(
        network,
        price=[0.1, 0.1],
        hours=0.5,
        cost=cost,
        v_min_pu=0.97,
        branch_limits=limits,
        ders=DerInputs(cost_square=1e-5),
    )
    one, two = solve_nlp(congested), solve_nlp(halves)
    assert two.objective == pytest.approx(one.objective, rel=1e-7)
    assert from_duals(two).total == pytest.approx(
        np.tile(from_duals(one).total, (2, 1)), abs=1e-6
    )
