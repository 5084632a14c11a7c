"""Voltage limits at a price: nothing is paid where they can be kept, and where they cannot the price counts."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus, with_generators
from tieline.errors import InputError
from tieline.network import Network
from tieline.opf import BranchLimit, make_problem, solve_socp
from tieline.opf.inputs import DerInputs
from tieline.opf.problem import Problem
from tieline.opf.socp.soft import SoftSocp

pytest.importorskip("clarabel")

FIXED = DerInputs(p_min_kw=0.0, p_max_kw=0.0, q_min_kvar=0.0, q_max_kvar=0.0)


def question(lowest_pu: float, ders: DerInputs | None = None) -> Problem:
    """A feeder of two buses with a generator beside its load."""
    network = Network.from_feeder(with_generators(two_bus(), 1, 300.0))
    return make_problem(
        network,
        price=[1.0],
        cost=0.5,
        v_min_pu=lowest_pu,
        v_max_pu=1.1,
        branch_limits=(),
        ders=ders,
    )


def test_limits_that_can_be_kept_cost_nothing() -> None:
    problem = question(lowest_pu=0.9)
    soft = SoftSocp(problem, below=1e4, above=1e4).solve(problem)
    hard = solve_socp(problem)
    assert soft.paid == pytest.approx([0.0], abs=1e-5)
    assert soft.answer.objective == pytest.approx(hard.objective, rel=1e-7)
    assert soft.bought_kw == pytest.approx(
        hard.objective - 0.5 * hard.der_kw.sum(axis=1), rel=1e-6
    )


def test_a_limit_that_cannot_be_kept_costs_what_it_misses_by() -> None:
    """Nothing can be decided: the square of the voltage is what AC says, and b is paid for what it lacks."""
    problem = question(lowest_pu=0.999, ders=FIXED)
    soft = SoftSocp(problem, below=1e4, above=0.0).solve(problem)
    v_pu = soft.answer.replay.solution.v_pu[0]
    lowest = np.abs(v_pu).min()
    assert soft.paid == pytest.approx([1e4 * (0.999**2 - lowest**2)], rel=1e-5)


def test_limits_of_branches_are_refused() -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 300.0))
    problem = make_problem(
        network, price=1.0, cost=0.0, branch_limits=(BranchLimit("line", "ab", a=10.0),)
    )
    with pytest.raises(InputError, match="limits of branches cannot"):
        SoftSocp(problem, 1.0, 1.0)
