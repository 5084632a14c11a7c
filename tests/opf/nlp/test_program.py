"""Derivatives put together from those of one step are those that casadi finds in the whole program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from builders import with_generators
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf import BranchLimit, FlexibleInputs, NlpModel, Problem, make_problem
from tieline.opf.nlp.model import solve_nlp
from tieline.opf.nlp.numbers import first_guess, parameters
from tieline.opf.nlp.program import Program

casadi: Any = pytest.importorskip("casadi")


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Two steps of IEEE 37 (delta loads, ZIP, a delta winding) with limits of current, power and directed power."""
    network = Network.from_feeder(with_generators(load_feeder("ieee37"), 3, 200.0))
    base = np.array([load.p_kw for load in network.feeder.loads])
    lines = [line.name for line in network.feeder.lines[:3]]
    return make_problem(
        network,
        price=[0.1, 0.2],
        load_kw=np.stack([base, 0.5 * base]),
        cost=[0.05, 0.08, 0.12],
        v_min_pu=0.89,
        branch_limits=(
            BranchLimit("line", lines[0], a=400.0),
            BranchLimit("line", lines[1], kva=900.0),
            BranchLimit("line", lines[2], forward_kw=700.0),
        ),
        flexible=FlexibleInputs(is_flexible=np.arange(len(base)) == 4, value=0.3),
    )


@pytest.mark.parametrize("is_elastic", [False, True])
def test_derivatives_are_those_of_the_whole_program(
    problem: Problem, is_elastic: bool
) -> None:
    model = NlpModel(problem)
    program = model._elastic_program if is_elastic else model._program
    x, f, g, p = (program.symbols[name] for name in ("x", "f", "g", "p"))
    lam_f = casadi.SX.sym("lam_f")
    lam_g = casadi.SX.sym("lam_g", g.numel())
    value = lam_f * f + casadi.dot(lam_g, g)
    whole = casadi.Function(
        "whole",
        [x, p, lam_f, lam_g],
        [casadi.jacobian(g, x), casadi.triu(casadi.hessian(value, x)[0])],
    )
    numbers = _numbers(problem, model, program)
    jacobian, hessian = whole(*numbers)
    _, jacobian_of_steps = program.derivatives["jac_g"](*numbers[:2])
    hessian_of_steps = program.derivatives["hess_lag"](*numbers)
    assert jacobian_of_steps.full() == pytest.approx(jacobian.full(), abs=1e-9)
    assert hessian_of_steps.full() == pytest.approx(hessian.full(), abs=1e-9)


def _numbers(problem: Problem, model: NlpModel, program: Program) -> list[Any]:
    """A place away from the first guess, with multipliers."""
    decisions = model._decisions
    guess = first_guess(problem, decisions, program.layout)
    x = guess + 0.01 * np.cos(np.arange(len(guess)))
    n_constraints = program.symbols["g"].numel()
    lam_g = np.sin(np.arange(n_constraints))
    return [x, parameters(problem, decisions, 50.0), 0.7, lam_g]


def test_the_optimum_is_the_same_in_any_currency(problem: Problem) -> None:
    first = solve_nlp(problem)
    factor = 1e4
    dearer = problem.replace(
        price=problem.steps.price * factor,
        cost=problem.ders.cost * factor,
        value=problem.flexible.value * factor,
    )
    second = solve_nlp(dearer)
    assert second.objective == pytest.approx(factor * first.objective, rel=1e-9)
    assert second.u == pytest.approx(first.u, abs=1e-7)
    assert second.duals.node_kw == pytest.approx(factor * first.duals.node_kw, rel=1e-6)


def test_an_optimum_leads_to_itself_whatever_the_currency(problem: Problem) -> None:
    """Multipliers of a start are in currency: taken for those of the program they would lead away."""
    model = NlpModel(problem)
    first = model.solve()
    again = model.solve(problem, start=first)
    assert again.iterations < first.iterations / 2
    assert again.objective == pytest.approx(first.objective, rel=1e-8)
    assert replace(again, start=None).duals.voltage == pytest.approx(
        first.duals.voltage, abs=1e-4 * (1 + np.abs(first.duals.voltage).max())
    )
