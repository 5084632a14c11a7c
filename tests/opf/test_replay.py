"""What a replay finds broken, and what it costs, by hand on two buses."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus, with_generators
from tieline.network import Network
from tieline.opf import BranchLimit, DerInputs, make_problem, replay


def test_violations_and_cost_by_hand() -> None:
    """1 MW and 0.5 Mvar over 0.5 + j0.3 ohm at 12.66 kV."""
    network = Network.from_feeder(with_generators(two_bus(), 1, 100.0))
    limits = (BranchLimit("line", "ab", a=40.0), BranchLimit("line", "ab", kva=2000.0))
    problem = make_problem(
        network,
        price=[0.1, 0.3],
        hours=0.5,
        cost=0.2,
        v_min_pu=0.999,
        branch_limits=limits,
        ders=DerInputs(cost_square=1e-3),
    )
    run = replay(problem, np.array([[0.0], [100.0]]), np.zeros((2, 1)))
    # v^4 + (2 (R P + X Q) - 1) v^2 + |Z|^2 |S|^2 = 0 in per unit on 1 MVA and 12.66 kV
    middle = 1 - 2 * (0.5 * 1.0 + 0.3 * 0.5) / 12.66**2
    last = (0.5**2 + 0.3**2) * (1.0**2 + 0.5**2) / 12.66**4
    assert run.vm_pu[0, 0] ** 2 == pytest.approx(
        (middle + np.sqrt(middle**2 - 4 * last)) / 2, rel=1e-9
    )
    amperes = np.hypot(1000, 500) / (np.sqrt(3) * 12.66 * run.vm_pu[0, 0])
    loss_kw = 3 * 0.5 * amperes**2 / 1e3
    assert run.source_kw[0] == pytest.approx(1000 + loss_kw, rel=1e-9)
    assert run.cost[0] == pytest.approx(0.5 * 0.1 * (1000 + loss_kw))
    assert run.cost[1] == pytest.approx(
        0.5 * (0.3 * run.source_kw[1] + 0.2 * 100 + 1e-3 * 100**2)
    )
    assert run.worst_miss == pytest.approx(amperes / 40 - 1)
    told = [str(violation) for violation in run.violations]
    assert told[0] == "step 0: voltage too low at b.1 0.99593 pu, limit 0.999 pu"
    assert (
        f"step 0: flow of line 'ab' end 1 phase 1 {amperes:.5g} A, limit 40 A" in told
    )
    assert not any("kVA" in text for text in told)


def test_a_step_without_a_solution_is_a_violation() -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 100.0))
    problem = make_problem(network, price=0.1, load_kw=1e6)
    run = replay(problem, np.zeros((1, 1)), np.zeros((1, 1)))
    assert len(run.violations) == 1
    assert "scenario 0" in run.violations[0].what
