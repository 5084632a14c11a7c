"""Rounds between agents until they agree on a joint step.

An agent that does not answer any more takes no step; its share of what is left of each limit stays unused. Those who are left
stop as they would have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.agents.consensus.agent import ConsensusConfig
from tieline.agents.consensus.graph import neighbours_of
from tieline.agents.consensus.message import Channel, Inbox, Message, PrivateStep
from tieline.agents.consensus.question import Question, Units, row_units
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Agreement:
    """How it ended.

    Attributes:
        coefficients: x of each agent, (problem, row); zeros of one that fell silent, which takes no step.
        multipliers: of the common constraints, mean over the agents that answer, (problem, constraint), in the question's units;
            zeros where nobody answers.
        own_multipliers: of each agent's own constraints, (problem, own constraint), in the question's units.
        spread: largest difference of an agent's multipliers from that mean, in agreed units.
        rounds: that were played.
        has_settled: whether agents stopped by agreement, not because the rounds were over.
        silent: agents that did not answer at the end; with any the step is not that of the whole question.
        stood_in: rounds in which a silent agent was missed, over all its neighbours.
    """

    coefficients: tuple[FloatArray, ...]
    multipliers: FloatArray
    own_multipliers: tuple[FloatArray, ...]
    spread: float
    rounds: int
    has_settled: bool
    silent: tuple[int, ...]
    stood_in: dict[int, int]


def agree(
    channel: Channel,
    weights: FloatArray,
    question: Question,
    units: Units,
    config: ConsensusConfig,
) -> Agreement:
    """Let agents on a channel come to an agreement.

    Args:
        channel: carries their messages.
        weights: W, (agent, agent), of a graph that was checked.
        question: what they face; read here for the units of the answer only.
        units: agreed.
        config: settings.
    """
    n_agents = len(weights)
    inboxes: Sequence[Inbox] = [{} for _ in range(n_agents)]
    messages: Sequence[Message | None] = [None] * n_agents
    rounds = 0
    while rounds < config.most_rounds:
        messages = channel.exchange(inboxes)
        rounds += 1
        inboxes = [_inbox(receiver, weights, messages) for receiver in range(n_agents)]
        if rounds % n_agents == 0 and _all_may_stop(messages):
            # the last flags still have to arrive for agents to know it themselves
            channel.exchange(inboxes)
            break
    steps = zip(channel.private_steps(), messages, strict=True)
    # a step that nobody heard of is none that was agreed on
    agreed = [None if message is None else step for step, message in steps]
    return _told(agreed, question, units, rounds)


def _inbox(
    receiver: int, weights: FloatArray, messages: Sequence[Message | None]
) -> Inbox:
    inbox = {}
    for sender in neighbours_of(weights, receiver):
        message = messages[sender]
        if message is not None:
            inbox[sender] = message
    return inbox


def _all_may_stop(messages: Sequence[Message | None]) -> bool:
    return all(message is None or message.may_stop for message in messages)


def _all_stopped(steps: Sequence[PrivateStep]) -> bool:
    return all(step.has_stopped for step in steps)


def _told(
    steps: Sequence[PrivateStep | None],
    question: Question,
    units: Units,
    rounds: int,
) -> Agreement:
    answering = [step for step in steps if step is not None]
    multipliers = [step.multipliers for step in answering]
    mean = np.mean(multipliers, axis=0) if answering else np.zeros_like(question.slack)
    distances = [np.abs(of_agent - mean).max(initial=0.0) for of_agent in multipliers]
    per_objective = units.constraints / units.objective[:, None]
    return Agreement(
        coefficients=_coefficients(steps, question, units),
        multipliers=mean / per_objective,
        own_multipliers=_own_multipliers(steps, question, units),
        spread=float(max(distances, default=0.0)),
        rounds=rounds,
        has_settled=bool(answering) and _all_stopped(answering),
        silent=tuple(n for n, step in enumerate(steps) if step is None),
        stood_in=_missed(answering),
    )


def _coefficients(
    steps: Sequence[PrivateStep | None], question: Question, units: Units
) -> tuple[FloatArray, ...]:
    coefficients = []
    for step, matrix in zip(steps, question.matrices, strict=True):
        if step is None:
            coefficients.append(np.zeros(matrix.shape[:2]))
            continue
        # x is per unit of a row: back from agreed units
        rows = row_units(matrix, units, question.radius)
        coefficients.append(step.coefficients / rows)
    return tuple(coefficients)


def _own_multipliers(
    steps: Sequence[PrivateStep | None], question: Question, units: Units
) -> tuple[FloatArray, ...]:
    n_agreed = question.slack.shape[1] + 1
    multipliers = []
    for step, matrix in zip(steps, question.matrices, strict=True):
        own_units = row_units(matrix, units, question.radius)[:, n_agreed:]
        of_agent = np.zeros_like(own_units)
        if step is not None:
            of_agent = step.own_multipliers
        multipliers.append(of_agent * units.objective[:, None] / own_units)
    return tuple(multipliers)


def _missed(steps: Sequence[PrivateStep]) -> dict[int, int]:
    total: dict[int, int] = {}
    for step in steps:
        for neighbour, count in step.missed.items():
            total[neighbour] = total.get(neighbour, 0) + count
    return total
