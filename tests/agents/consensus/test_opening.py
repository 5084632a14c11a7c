"""From settings to a consensus: in this process, and on a cluster that is not there."""

from __future__ import annotations

import pytest
from step_questions import random_question

from tieline.agents.consensus.opening import open_consensus
from tieline.agents.consensus.settings import ConsensusSettings
from tieline.errors import InputError


def test_a_cluster_that_does_not_answer_is_named() -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    nobody = ConsensusSettings(engine="ray", ray_address="127.0.0.1:1")
    with pytest.raises(InputError, match="No Ray cluster"), open_consensus(nobody, 3):
        pass


def test_a_consensus_in_this_process() -> None:
    with open_consensus(ConsensusSettings(), 5, compares=True) as step:
        step(random_question(0, broken=-0.05))
    (record,) = step.records
    assert record.has_settled
    assert record.comparison is not None
    assert record.comparison.violation <= 1e-3
