"""Voltages around an AC solution, by the program's sparse equations, against central differences of the power flow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.linalg import spsolve

from builders import with_generators
from tieline.feeders import load_feeder
from tieline.linear.blocks import down_the_diagonal
from tieline.network import Network
from tieline.opf import FlexibleInputs, make_problem
from tieline.opf.decisions import make_decisions, nearest_to_idle
from tieline.opf.lp.voltages import Voltages, around, by_model
from tieline.opf.replay import replay_decisions
from tieline.typing import FloatArray


def change_by_sweeps(voltages: Voltages, moved: FloatArray) -> FloatArray:
    """Change of the voltages, (step, point), for decisions that have moved."""
    sweeps = voltages.sweeps
    inward, outward, drop = (
        down_the_diagonal([getattr(step, part) for step in sweeps])
        for part in ("inward", "outward", "drop")
    )
    carried = spsolve(inward.tocsc(), voltages.drive @ moved)
    dx = spsolve(outward.tocsc(), drop @ carried)
    return (voltages.matrix @ dx).reshape(voltages.problem.n_steps, -1)


def test_sweeps_of_two_steps_against_differences() -> None:
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
    for column in decisions.network_columns.ravel():
        moved = np.zeros(decisions.count)
        moved[column] = 1e-3
        up, down = (
            replay_decisions(problem, decisions, u + sign * moved).vm_pu
            for sign in (1, -1)
        )
        by_sweeps = change_by_sweeps(near, moved)
        assert by_sweeps == pytest.approx((up - down) / 2, abs=1e-9)


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
