"""The model around an AC solution: it repeats the solution, and its slopes are the exact derivatives of the power flow."""

from __future__ import annotations

import numpy as np
import pytest

from builders import with_generators
from tieline.errors import NotConvergedError
from tieline.feeders import load_feeder
from tieline.linear.tangent_model import tangent_model
from tieline.network import Network
from tieline.network.voltage_points import voltage_points
from tieline.powerflow import solve
from tieline.powerflow.derivatives.gradients import all_tangents, loss_gradient
from tieline.powerflow.options import LoadModel

FEEDERS = ["ieee33", "ieee13", "ieee34", "ieee37", "ieee123"]
"""An ideal source and sources behind impedances; ZIP, delta and band loads, regulators, voltages between phases."""


@pytest.mark.parametrize("name", FEEDERS)
@pytest.mark.parametrize("load_model", ["zip", "opendss-band"])
def test_it_repeats_the_solution_and_its_derivatives(
    name: str, load_model: LoadModel
) -> None:
    network = Network.from_feeder(with_generators(load_feeder(name), 3, 50.0))
    solution = solve(
        network,
        load_scale=[[0.4], [1.1]],
        der_kw=20.0,
        load_model=load_model,
    )
    model = tangent_model(solution, 1)
    answer = model.evaluate_devices(solution.p_kw[1:2], solution.q_kvar[-1:])
    points = voltage_points(network)
    assert answer.vm_pu[0] == pytest.approx(
        points.magnitude_pu(solution.v_pu)[1], abs=1e-7
    )
    flow = solution.terminal_kva[1, model.branch_terminal]
    assert answer.p_kw[0] == pytest.approx(flow.real, abs=1e-3)
    assert answer.q_kvar[0] == pytest.approx(flow.imag, abs=1e-3)
    across = points.across(network.n_nodes)
    direction = across @ solution.v_pu[1]
    direction = direction / np.abs(direction)
    for kind in ("load_kw", "load_kvar", "der_kw", "der_kvar"):
        change = across @ all_tangents(solution, kind, 1).T
        slope = np.real(np.conj(direction)[:, None] * change)
        assert model.sensitivity("voltage", kind) == pytest.approx(slope, abs=1e-9)
    exact = loss_gradient(solution).der_kw[1]
    assert model.loss_gradient(answer, "der_kw")[0] == pytest.approx(exact, abs=1e-6)


def test_a_scenario_without_answer_is_refused() -> None:
    network = Network.from_feeder(load_feeder("ieee33"))
    with pytest.raises(NotConvergedError, match="hence no linear model"):
        tangent_model(solve(network, load_scale=[[1.0], [100.0]]), 1)
