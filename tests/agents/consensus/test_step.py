"""Steps by agreement beside central ones on every awkward kind of question, recovery, warm starts, and silent agents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from step_questions import random_question

from tieline.agents.consensus.agent import ConsensusConfig
from tieline.agents.consensus.graph import graph_weights
from tieline.agents.consensus.message import Channel, Inbox, LocalChannel, Message
from tieline.agents.consensus.step import ConsensusStep, StepRecord
from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.trust_region import StepQuestion, central_step

CLOSE = 1e-3
CONFIG = ConsensusConfig()


def asked(
    question: StepQuestion, graph: str = "complete", channel: Channel | None = None
) -> tuple[ConsensusStep, StepRecord]:
    """The record of one step, compared with the central one."""
    weights = graph_weights(graph, len(question.grams))
    step = ConsensusStep(
        channel or LocalChannel(),
        weights,
        CONFIG,
        compares=True,
    )
    step(question)
    return step, step.records[-1]


KINDS = {
    "some limits broken": random_question,
    "all within limits": partial(random_question, broken=-0.05),
    "most limits broken": partial(random_question, broken=0.4),
    "rows over six decades": partial(random_question, decades=3.0),
    "rows over twelve decades": partial(random_question, decades=6.0),
    "limits of one agent's own": partial(random_question, n_own=4),
    "one agent": partial(random_question, n_agents=1, broken=0.05),
    "no step obeys all": partial(random_question, is_contrary=True),
    "more limits than parameters": partial(
        random_question, n_limits=24, n_parameters=8, broken=0.02
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_as_the_central_step(kind: str, seed: int) -> None:
    _, record = asked(KINDS[kind](seed))
    assert record.has_settled
    assert record.comparison is not None
    assert record.comparison.agrees_on_recovery
    assert record.is_recovery == (kind == "no step obeys all")
    assert abs(record.comparison.objective_gap) <= CLOSE
    assert record.comparison.violation <= CLOSE


@pytest.mark.parametrize("graph", ["ring", "star"])
def test_a_recovery_on_a_thin_graph(graph: str) -> None:
    _, record = asked(random_question(0, is_contrary=True), graph)
    assert record.is_recovery
    assert record.comparison is not None
    assert abs(record.comparison.objective_gap) <= CLOSE


def test_multipliers_of_an_agents_own_limits_are_those_of_the_central_step() -> None:
    question = random_question(0, n_own=4)
    step, record = asked(question)
    assert record.has_settled
    own = slice(-4, None)
    of_agents = step(question).multipliers[own]
    of_centre = central_step(question).multipliers[own]
    assert of_agents == pytest.approx(of_centre, abs=0.01 * of_centre.max())


def test_repeated_limits_are_kept_like_one() -> None:
    once = random_question(0)
    twice = repeated(once, np.tile(np.arange(12), 2))
    _, record = asked(twice)
    assert record.comparison is not None
    assert abs(record.comparison.objective_gap) <= CLOSE
    assert record.comparison.violation <= CLOSE


def repeated(question: StepQuestion, rows: np.ndarray) -> StepQuestion:
    """The question with some of its constraints, each as often as asked for."""
    of_matrix = np.append(0, rows + 1)
    grams = [Gram(gram.matrix[np.ix_(of_matrix, of_matrix)]) for gram in question.grams]
    numbers = np.arange(len(rows))
    return StepQuestion(grams, question.slack[rows], question.delta, numbers)


def test_without_constraints_every_agent_goes_along_its_slope() -> None:
    question = repeated(random_question(0), np.array([], dtype=int))
    step, record = asked(question)
    assert record.has_settled
    reach = [np.sqrt(2 * question.delta) * gram.reach[0] for gram in question.grams]
    assert step(question).objective == pytest.approx(sum(reach))


def test_an_agent_without_influence_takes_no_step() -> None:
    question = random_question(0)
    idle = replace(
        question,
        grams=[*question.grams[:-1], Gram(np.zeros_like(question.grams[0].matrix))],
    )
    step, record = asked(idle)
    assert record.comparison is not None
    assert record.comparison.violation <= CLOSE
    assert not step(idle).coefficients[-1].any()


def test_a_limit_that_nobody_moves_is_told_and_excuses_nothing() -> None:
    question = random_question(0)
    for gram in question.grams:
        gram.matrix[3, :] = 0.0
        gram.matrix[:, 3] = 0.0
    slack = question.slack.copy()
    slack[2] = -1.0
    step, record = asked(replace(question, slack=slack))
    assert not record.is_recovery
    told = step(replace(question, slack=slack)).is_beyond_influence
    assert np.flatnonzero(told).tolist() == [2]


class WithoutThird(LocalChannel):
    """The third agent answers nobody, ever."""

    def exchange(self, inboxes: Sequence[Inbox]) -> list[Message | None]:
        messages = super().exchange(inboxes)
        messages[2] = None
        return messages


def test_a_silent_agent_is_marked_and_the_next_step_is_that_of_the_others() -> None:
    """In the second step the four who are left share the whole slack: it is the central step of the four."""
    question = random_question(1, broken=-0.02)
    step, record = asked(question, "ring", WithoutThird())
    assert record.silent == (2,)
    assert record.stood_in[2] > 0
    joint = step(question)
    assert not joint.coefficients[2].any()
    others = replace(question, grams=[question.grams[n] for n in (0, 1, 3, 4)])
    central = central_step(others)
    assert joint.objective == pytest.approx(central.objective, rel=2 * CLOSE)
    assert step.records[-1].silent == (2,)
