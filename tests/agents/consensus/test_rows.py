"""Who shares which constraint, by hand on two agents."""

from __future__ import annotations

import numpy as np

from tieline.agents.consensus.rows import Rows
from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.trust_region import StepQuestion


def question() -> StepQuestion:
    """The first limit is moved by both agents, the second by the first alone, the third by nobody."""
    first = np.array([[1.0, 0.0], [3.0, 4.0], [0.0, 2.0], [0.0, 0.0]])
    second = np.array([[1.0, 0.0], [0.0, 12.0], [0.0, 0.0], [0.0, 0.0]])
    grams = [Gram.of(first, first), Gram.of(second, second)]
    return StepQuestion(grams, np.array([0.1, 0.2, -0.3]), 0.5, np.arange(3))


def test_a_limit_that_one_agent_alone_moves_is_its_own() -> None:
    rows = Rows.of(question())
    assert rows.common.tolist() == [0]
    assert [own.tolist() for own in rows.own] == [[1], []]
    assert rows.is_beyond_influence.tolist() == [False, False, True]
    assert rows.reach.tolist() == [13.0, 2.0, 0.0]
    asked = rows.question(frozenset(), "objective")
    assert [matrix.shape for matrix in asked.matrices] == [(1, 3, 3), (1, 2, 2)]
    assert asked.own_slack[0].tolist() == [[0.2]]


def test_in_a_recovery_all_that_anybody_moves_are_shared() -> None:
    rows = Rows.of_recovery(question())
    assert rows.common.tolist() == [0, 1]
    # the one that nobody moves is no reason for a recovery
    assert not rows.some_are_broken
