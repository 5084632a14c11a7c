"""The peers get the same question: pandapower finds the same optimum, DistOPF that of a program without losses."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.bench.kit.peers import CannotRun
from tieline.bench.opf.cases import ask
from tieline.bench.opf.peers import make_distopf, make_pandapower
from tieline.feeders import load_feeder
from tieline.opf import replay, solve_lp, solve_nlp

pytest.importorskip("casadi")
pytest.importorskip("highspy")


def test_pandapower_finds_the_same_optimum_now_and_later() -> None:
    pytest.importorskip("pandapower")
    question = ask(load_feeder("ieee33"), 10, seed=0, n_later=1)
    found, again = make_pandapower(question.problem)(question.problem)
    assert found.cost == pytest.approx(solve_nlp(question.problem).objective, rel=1e-5)
    assert again is not None
    later = again(question.next_problems[0])
    assert later.cost == pytest.approx(
        solve_nlp(question.next_problems[0]).objective, rel=1e-5
    )
    assert later.cost < found.cost - 1.0


def test_distopf_finds_the_optimum_without_losses() -> None:
    pytest.importorskip("distopf")
    problem = ask(load_feeder("ieee33"), 10, seed=0, n_later=1).problem
    found, again = make_distopf(problem)(problem)
    assert again is None
    # the textbook LinDistFlow is ours too
    assert found.cost == pytest.approx(solve_lp(problem, rounds=1).objective, rel=1e-4)
    here = replay(problem, found.der_kw, found.der_kvar)
    assert here.objective > found.cost + 1.0  # AC has losses


@pytest.mark.parametrize("make", [make_pandapower, make_distopf])
def test_feeders_with_phases_are_left_out(make: object) -> None:
    pytest.importorskip("pandapower")
    pytest.importorskip("distopf")
    problem = ask(load_feeder("ieee13"), 2, seed=0, n_later=1).problem
    with pytest.raises(CannotRun, match="only balanced feeders"):
        make(problem)  # type: ignore[operator]


def test_units_of_a_flat_question() -> None:
    """Set-points come back in kW: at a cost of nothing every generator gives its most."""
    pytest.importorskip("pandapower")
    question = ask(load_feeder("ieee33"), 3, seed=0, n_later=1)
    free = question.problem.replace(
        cost=np.zeros_like(question.problem.ders.cost),
        v_max_pu=question.problem.limits.v_max_pu + 0.05,
    )
    found, _ = make_pandapower(free)(free)
    assert found.der_kw == pytest.approx(free.ders.p_max_kw, rel=1e-3)
