"""Which voltage limits have a row: broken ones get one, those that bind keep it, and the optimum is that of all rows."""

from __future__ import annotations

import numpy as np
import pytest

from builders import with_generators
from tieline import load_feeder
from tieline.network import Network
from tieline.opf import DerInputs, Problem, make_problem
from tieline.opf.lp.model import LpModel
from tieline.opf.lp.watched import Watched

pytest.importorskip("clarabel")


def _problem() -> Problem:
    """DERs that a voltage limit holds back."""
    feeder = with_generators(load_feeder("ieee33"), 4, 900.0)
    network = Network.from_feeder(feeder)
    return make_problem(
        network,
        price=0.1,
        cost=np.full(4, 0.02),
        branch_limits=(),
        v_min_pu=0.9,
        v_max_pu=1.01,
        ders=DerInputs(p_max_kw=900.0),
    )


def test_broken_limits_are_taken_until_none_is_left() -> None:
    problem = _problem()
    n_points = len(problem.limits.points.names)
    watched = Watched(1, n_points)
    high = np.full((1, n_points), 1.0)
    high[0, 3] = 1.02
    assert watched.take(problem.limits, high, 1e-8)
    assert watched.high[0, 3]
    # what has a row is the program's own business
    assert not watched.take(problem.limits, high, 1e-8)


def test_what_binds_keeps_its_row() -> None:
    problem = _problem()
    n_points = len(problem.limits.points.names)
    watched = Watched(1, n_points)
    watched.watch_all()
    v_pu = np.full((1, n_points), 0.97)
    v_pu[0, 5] = 1.01
    watched.let_go(problem.limits, v_pu, 1e-8)
    assert watched.high[0, 5]
    assert watched.high.sum() < n_points


def test_the_optimum_is_that_of_all_rows() -> None:
    problem = _problem()
    few = LpModel(problem)
    few.begin_at(few.u)
    every = LpModel(problem)
    every.begin_at(every.u)
    every._watched.watch_all()
    by_few = few.optimum()
    by_every = every.optimum()
    assert by_few is not None
    assert by_every is not None
    assert by_few.objective == pytest.approx(by_every.objective, rel=1e-8)
    assert by_few.duals.voltage == pytest.approx(by_every.duals.voltage, abs=1e-4)
    assert (by_few.duals.voltage != 0).any()
