"""Voltages around an AC solution, against central differences of the power flow."""

from __future__ import annotations

import numpy as np
import pytest

from builders import with_generators
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf import FlexibleInputs, make_problem
from tieline.opf.decisions import make_decisions, nearest_to_idle
from tieline.opf.lp.voltages import around, by_model
from tieline.opf.replay import replay_decisions


def test_slopes_of_two_steps_against_differences() -> None:
    """IEEE 37: delta loads behind a delta winding, voltages between phases; one load is flexible."""
    network = Network.from_feeder(with_generators(load_feeder("ieee37"), 2, 200.0))
    flexible = np.arange(len(network.feeder.loads)) == 4
    base = np.array([load.p_kw for load in network.feeder.loads])
    problem = make_problem(
        network,
        price=[0.1, 0.1],
        load_kw=np.stack([base, 0.4 * base]),
        flexible=FlexibleInputs(is_flexible=flexible),
    )
    decisions = make_decisions(problem)
    u = nearest_to_idle(decisions) + 0.01 * (np.arange(decisions.count) % 3)
    near = around(replay_decisions(problem, decisions, u), decisions)
    assert near(u) == pytest.approx(
        replay_decisions(problem, decisions, u).vm_pu, abs=1e-12
    )
    every = np.arange(len(problem.limits.points.names))
    slope = [near.slopes(step, every) for step in range(2)]
    for column in range(decisions.network_columns.shape[1]):
        for step in range(2):
            up, down = u.copy(), u.copy()
            up[decisions.network_columns[step, column]] += 1e-3
            down[decisions.network_columns[step, column]] -= 1e-3
            change = [
                replay_decisions(problem, decisions, moved).vm_pu[step]
                for moved in (up, down)
            ]
            assert slope[step][:, column] == pytest.approx(
                (change[0] - change[1]) / 2e-3, abs=1e-6
            )


def test_a_linear_model_reads_voltages_near_those_of_ac() -> None:
    network = Network.from_feeder(with_generators(load_feeder("ieee33"), 2, 200.0))
    problem = make_problem(network, price=0.1)
    decisions = make_decisions(problem)
    u = nearest_to_idle(decisions)
    true = replay_decisions(problem, decisions, u).vm_pu
    for name, power in (("lindistflow", 2), ("lpf", 1)):
        model = by_model(problem, decisions, name)  # type: ignore[arg-type]
        assert model.power == power
        value = model(u) ** (1 / power)
        # losses left out at full load
        assert np.abs(value - true).max() == pytest.approx(0.0, abs=0.015)
        assert np.abs(value - true).max() > 1e-4
