"""The sparse program of one round against the same question with dense maps, put to another solver."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from builders import random_feeder, with_generators
from tieline.linear import lindistflow
from tieline.network import Network
from tieline.opf import DerInputs, Problem, make_problem
from tieline.opf.lp.model import LpModel

pytest.importorskip("clarabel")

N_DERS = 4


def dense_optimum(problem: Problem) -> float | None:
    """Least cost [currency] of the lossless LinDistFlow program over P and Q, by dense maps and HiGHS."""
    model = lindistflow(problem.network, **problem.positions)
    limits = problem.limits
    v = np.hstack([model.sensitivity("voltage", by) for by in ("der_kw", "der_kvar")])
    nothing = np.zeros((1, N_DERS))
    idle = model.evaluate(der_kw=nothing, der_kvar=nothing)
    base = model.voltage(idle.x)[0]
    ders = problem.ders
    price = problem.steps.price[0]
    saving = np.append(ders.cost[0] - price, np.zeros(N_DERS))
    answer: Any = linprog(
        saving,
        A_ub=np.vstack([v, -v]),
        b_ub=np.append(limits.v_max_pu**2 - base, base - limits.v_min_pu**2),
        bounds=[
            *zip(ders.p_min_kw[0], ders.p_max_kw[0], strict=True),
            *zip(ders.q_min_kvar[0], ders.q_max_kvar[0], strict=True),
        ],
    )
    if answer.status == 2:
        return None
    return float(price * problem.steps.load_kw.sum() + answer.fun)


@given(
    seed=st.integers(0, 10_000),
    n_buses=st.integers(4, 12),
    kva=st.floats(5.0, 500.0),
    slack_pu=st.floats(0.021, 0.05),
)
@settings(max_examples=25, deadline=None)
def test_sparse_and_dense_give_the_same_optimum(
    seed: int, n_buses: int, kva: float, slack_pu: float
) -> None:
    feeder = with_generators(random_feeder(seed, n_buses), N_DERS, kva)
    problem = make_problem(
        Network.from_feeder(feeder),
        price=0.1,
        cost=np.random.default_rng(seed).uniform(0.05, 0.15, N_DERS),
        branch_limits=(),
        v_min_pu=0.8,
        v_max_pu=1.0 + slack_pu,
        # Its corners lie inside the circle, so the dense program needs none.
        ders=DerInputs(p_max_kw=0.7 * kva, q_min_kvar=-0.7 * kva, q_max_kvar=0.7 * kva),
    )
    model = LpModel(problem)
    model.begin_with("lindistflow")
    sparse = model.optimum()
    dense = dense_optimum(problem)
    assert (sparse is None) == (dense is None)
    if sparse is not None:
        assert sparse.objective == pytest.approx(dense, rel=1e-6, abs=1e-6)
