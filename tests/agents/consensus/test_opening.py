"""From settings to a consensus: graphs by name, edges and weights, and engines that are not there."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError
from step_questions import random_question

from tieline.agents.consensus.opening import open_consensus, weights_of
from tieline.agents.consensus.settings import ConsensusSettings
from tieline.errors import InputError


def test_weights_by_name_by_edges_and_as_they_are() -> None:
    ring = weights_of(ConsensusSettings(), 3)
    assert ring == pytest.approx(np.full((3, 3), 1.0 / 3.0))
    by_edges = ConsensusSettings(graph="1-2,2-3,3-1")
    assert weights_of(by_edges, 3) == pytest.approx(ring)
    rows = ConsensusSettings(graph_weights="0.5,0.5;0.5,0.5")  # type: ignore[arg-type]
    assert weights_of(rows, 2).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(ValidationError, match="no meaning for engine local"):
        ConsensusSettings(ray_address="10.0.0.5:6379")
    lopsided = ConsensusSettings(graph_weights=((0.9, 0.1), (0.2, 0.8)))
    with pytest.raises(InputError, match="not doubly stochastic"):
        weights_of(lopsided, 2)


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
