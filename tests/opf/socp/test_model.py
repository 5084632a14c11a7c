"""A model built once answers other problems as one built for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import with_generators
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf import BranchLimit, InfeasibleError, make_problem, solve_socp
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.socp import SocpModel

pytest.importorskip("clarabel")


def network_with_zip_loads(n_ders: int = 3) -> Network:
    feeder = with_generators(load_feeder("ieee33"), n_ders, 300.0)
    shares = (0.3, 0.3, 0.4)
    return Network.from_feeder(
        feeder.replace(
            loads=tuple(
                replace(load, zip_p=shares, zip_q=shares) for load in feeder.loads
            )
        )
    )


def test_changed_demand_prices_and_limits() -> None:
    network = network_with_zip_loads()
    limits = (BranchLimit("line", "branch_2", a=180.0),)
    problem = make_problem(
        network,
        price=[0.1, 0.2],
        cost=[0.05, 0.12, 0.15],
        v_min_pu=0.92,
        branch_limits=limits,
    )
    model = SocpModel(problem)
    first = model.solve()
    changed = problem.replace(
        load_kw=problem.steps.load_kw * [[1.02], [0.8]],
        price=np.array([0.3, 0.05]),
        v_min_pu=problem.limits.v_min_pu + 0.002,
        p_max_kw=problem.ders.p_max_kw * 0.95,
        flows=FlowLimits.of(network, (BranchLimit("line", "branch_2", a=170.0),)),
    )
    again, fresh = model.solve(changed), solve_socp(changed)
    assert again.objective == pytest.approx(fresh.objective, rel=1e-9)
    assert again.der_kw == pytest.approx(fresh.der_kw, abs=1e-3)
    assert again.duals.node_kw == pytest.approx(fresh.duals.node_kw, abs=1e-7)
    assert abs(again.objective - first.objective) > 1.0
    assert again.replay.violations == fresh.replay.violations == ()


def test_limits_that_cannot_be_kept_do_not_spoil_the_model() -> None:
    problem = make_problem(
        network_with_zip_loads(), price=0.1, v_min_pu=0.92, branch_limits=()
    )
    model = SocpModel(problem)
    first = model.solve()
    with pytest.raises(InfeasibleError):
        model.solve(
            problem.replace(
                v_min_pu=problem.limits.v_min_pu + 0.2,
                v_max_pu=problem.limits.v_max_pu + 0.2,
            )
        )
    assert model.solve().objective == pytest.approx(first.objective, rel=1e-10)


def test_another_structure_is_refused() -> None:
    problem = make_problem(network_with_zip_loads(), price=0.1, branch_limits=())
    other = make_problem(network_with_zip_loads(4), price=0.1, branch_limits=())
    for wrong in (
        other,
        make_problem(problem.network, price=[0.1, 0.1], branch_limits=()),
    ):
        with pytest.raises(InputError, match="Build a new SocpModel"):
            SocpModel(problem).solve(wrong)
