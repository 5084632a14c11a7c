"""Rounds around AC leave no limit broken; one round alone does, and says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import two_bus, with_generators
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf import (
    BranchLimit,
    DerInputs,
    InfeasibleError,
    Problem,
    make_problem,
    replay,
    solve_lp,
    solve_nlp,
)
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.lp import rounds
from tieline.powerflow import solve

pytest.importorskip("casadi")
pytest.importorskip("clarabel")


@pytest.fixture(scope="module")
def binding() -> Problem:
    """IEEE 123 with a lowest voltage and a line's current that bind."""
    network = Network.from_feeder(with_generators(load_feeder("ieee123"), 30, 60.0))
    limits = (BranchLimit("line", "l115", a=310.0),)
    return make_problem(
        network,
        price=0.1,
        cost=np.linspace(0.05, 0.11, 30),
        v_min_pu=0.965,
        branch_limits=limits,
    )


def test_rounds_leave_no_limit_broken(binding: Problem) -> None:
    lp, nlp = solve_lp(binding), solve_nlp(binding)
    assert lp.replay.violations == ()
    assert nlp.duals.voltage.min() < -1.0
    assert nlp.duals.flow.max() > 1e-3
    assert lp.replay.objective == pytest.approx(nlp.objective, rel=5e-4)
    assert 2 < lp.rounds <= 20


def test_one_round_is_the_linear_model_alone_and_says_what_it_misses(
    binding: Problem,
) -> None:
    alone = solve_lp(binding, rounds=1)
    worst = (binding.limits.v_min_pu - alone.replay.vm_pu).max()
    assert worst > 1e-4
    assert alone.rounds == 1
    assert "by lindistflow" in alone.approximations[0]
    assert any("a limit is missed" in said for said in alone.approximations)
    assert any("the cost differs" in said for said in alone.approximations)


def test_fewer_rounds_miss_more(binding: Problem) -> None:
    missed = [
        np.maximum(
            binding.limits.v_min_pu - solve_lp(binding, rounds=n).replay.vm_pu, 0
        ).max()
        for n in (1, 3, 20)
    ]
    assert missed[0] > missed[1] > missed[2] == pytest.approx(0.0, abs=1e-6)


def test_a_start_saves_rounds() -> None:
    network = Network.from_feeder(with_generators(load_feeder("ieee141"), 10, 800.0))
    problem = make_problem(
        network, price=0.1, cost=np.linspace(0.05, 0.11, 10), branch_limits=()
    )
    first, changed = (
        solve_lp(problem),
        problem.replace(load_kw=problem.steps.load_kw * 1.02),
    )
    warm, cold = solve_lp(changed, start=first), solve_lp(changed)
    assert warm.rounds < cold.rounds
    assert warm.replay.violations == ()
    assert warm.replay.objective == pytest.approx(cold.replay.objective, rel=5e-4)


def test_the_replay_at_hand_is_that_from_no_load(binding: Problem) -> None:
    answer = solve_lp(binding)
    assert answer.replay is answer.replay_at_hand
    anew = replay(binding, answer.der_kw, answer.der_kvar)
    assert answer.replay.vm_pu == pytest.approx(anew.vm_pu, abs=1e-9)
    assert answer.replay.objective == pytest.approx(anew.objective, rel=1e-9)


def test_a_start_needs_no_linear_model_and_so_no_tree() -> None:
    feeder = load_feeder("ieee33")
    closed = feeder.replace(
        lines=tuple(replace(line, closed=True) for line in feeder.lines)
    )
    network = Network.from_feeder(with_generators(closed, 3, 300.0))
    problem = make_problem(
        network, price=0.1, cost=[0.05, 0.09, 0.12], v_min_pu=0.96, branch_limits=()
    )
    nlp = solve_nlp(problem)
    lp = solve_lp(problem, start=nlp)
    assert lp.replay.objective == pytest.approx(nlp.objective, rel=2e-4)


def test_set_points_without_an_ac_solution_are_approached_halfway() -> None:
    """Without resistance LinDistFlow sees no limit to what a line of 5 ohm carries; AC does at V^2 / (2 x) = 16 MW."""
    network = Network.from_feeder(
        with_generators(two_bus(r_ohm=1e-3, x_ohm=5.0), 1, 40_000.0)
    )
    problem = make_problem(
        network,
        price=0.1,
        v_min_pu=0.7,
        v_max_pu=1.3,
        branch_limits=(),
        ders=DerInputs(q_min_kvar=0.0, q_max_kvar=0.0),
    )
    answer = solve_lp(problem)
    assert answer.replay.violations == ()
    assert answer.der_kw[0, 0] == pytest.approx(
        solve_nlp(problem).der_kw[0, 0], rel=1e-3
    )


def test_the_smallest_relaxation_is_that_of_the_nlp(binding: Problem) -> None:
    tight = binding.replace(
        flows=FlowLimits.of(binding.network, (BranchLimit("line", "l115", a=300.0),))
    )
    found = []
    for method in (solve_lp, solve_nlp):
        with pytest.raises(InfeasibleError) as caught:
            method(tight)
        found.append(
            {
                relaxation.where: relaxation.needed
                for relaxation in caught.value.relaxations
            }
        )
    assert found[0] == pytest.approx(found[1], abs=1e-5)


def test_no_round_is_refused(binding: Problem) -> None:
    with pytest.raises(InputError, match="at least one round; got 0"):
        solve_lp(binding, rounds=0)


def test_what_ac_allows_is_not_given_up_for_the_first_linear_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """LinDistFlow drops losses and sees the end of a loaded line above a limit that AC keeps: no limit has to give."""
    network = Network.from_feeder(with_generators(load_feeder("ieee33"), 1, 50.0))
    problem = make_problem(
        network,
        price=0.1,
        cost=0.2,
        v_min_pu=0.9,
        ders=DerInputs(q_min_kvar=0.0, q_max_kvar=0.0),
    )
    idle_pu = problem.limits.points.magnitude_pu(solve(network, der_kw=[0.0]).v_pu)[0]
    limits = replace(problem.limits, v_max_pu=idle_pu + 1e-4)
    # A restoration of limits that hold is needless, and on a large feeder it may take minutes.
    monkeypatch.setattr(rounds, "_restore", lambda model: pytest.fail("restored"))
    optimum = solve_lp(replace(problem, limits=limits))
    assert optimum.replay.violations == ()
    assert optimum.der_kw.sum() == pytest.approx(0.0, abs=1e-6)
