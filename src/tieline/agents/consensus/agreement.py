"""Rounds between agents until they agree on a joint step; the counterpart of `trust_region.best_step` without a centre.

Units are agreed before the first round: of the objective and of each constraint what an average agent can change it by. They make
one step length rho good for limits in pu and gains in money, and tell of each row one number that says nothing about a policy.
Where no step obeys all limits multipliers grow without end, and the step tends to one that cares for broken limits alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.agents.consensus.agent import AgentData, ConsensusAgent, ConsensusConfig
from tieline.agents.consensus.message import (
    Channel,
    Inbox,
    LocalChannel,
    Message,
    PrivateStep,
)
from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.trust_region import JointStep
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Units:
    """Agreed units: of the objective (problem,), and of the common constraints (problem, constraint)."""

    objective: FloatArray
    constraints: FloatArray


@dataclass(frozen=True, eq=False)
class Question:
    """What all agents face; several problems of one shape side by side.

    Attributes:
        matrices: Gram matrix of each agent, (problem, row, row): objective, common constraints, constraints of its own.
        slack: limit - J of the common constraints, (problem, constraint).
        own_slack: of each agent's own constraints, (problem, own constraint); none if left out.
        delta: size of each trust region.
    """

    matrices: Sequence[FloatArray]
    slack: FloatArray
    delta: float
    own_slack: Sequence[FloatArray] = ()

    @property
    def radius(self) -> float:
        """Of the trust regions, sqrt(2 delta)."""
        return float(np.sqrt(2.0 * self.delta))

    def units(self) -> Units:
        """What an average agent can change each row by, (problem, row); 1 for rows that nobody moves."""
        n_rows = self.slack.shape[1] + 1
        diagonals = [
            np.diagonal(matrix, axis1=1, axis2=2)[:, :n_rows]
            for matrix in self.matrices
        ]
        # rounding may leave a little less than nothing
        size = np.sqrt(np.maximum(diagonals, 0.0))
        reach = self.radius * size.mean(axis=0)
        unit = np.where(reach > 0, reach, 1.0)
        return Units(unit[:, 0], unit[:, 1:])


@dataclass(frozen=True, eq=False)
class Agreement:
    """How it ended.

    Attributes:
        coefficients: x of each agent, (problem, row); zeros of one that fell silent, which takes no step.
        multipliers: of the common constraints, mean over the agents that answer, (problem, constraint), in the question's units.
        spread: largest difference of an agent's multipliers from that mean, in agreed units.
        rounds: that were played.
        has_settled: whether agents stopped by agreement, not because the rounds were over.
        silent: agents that did not answer at the end; with any the step is not that of the whole question.
        stood_in: rounds in which a silent agent's last multipliers stood in for it, over all its neighbours.
    """

    coefficients: tuple[FloatArray, ...]
    multipliers: FloatArray
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
    silent: tuple[int, ...] = ()
    rounds = 0
    while rounds < config.most_rounds:
        messages = channel.exchange(inboxes)
        rounds += 1
        silent = tuple(n for n, message in enumerate(messages) if message is None)
        inboxes = [_inbox(receiver, weights, messages) for receiver in range(n_agents)]
        if rounds % n_agents == 0 and _all_may_stop(messages):
            # the last flags still have to arrive for agents to know it themselves
            channel.exchange(inboxes)
            break
    return _told(channel.private_steps(), question, units, rounds, silent)


def make_agents(
    question: Question,
    weights: FloatArray,
    units: Units,
    config: ConsensusConfig,
    first_multipliers: FloatArray | None = None,
    first_round: int = 0,
) -> list[ConsensusAgent]:
    """Agents of a question.

    Args:
        question: what they face.
        weights: W.
        units: agreed.
        config: settings.
        first_multipliers: of an earlier agreement, (problem, constraint), in the question's units; zeros if left out.
        first_round: rounds of that agreement, from where the schedule of rho goes on; 0 if much has changed since.
    """
    n_agents = len(weights)
    n_agreed = question.slack.shape[1] + 1
    start = np.zeros_like(question.slack)
    if first_multipliers is not None:
        # a multiplier is in units of the objective per unit of its constraint
        per_objective = units.constraints / units.objective[:, None]
        start = first_multipliers * per_objective
    no_slack = np.zeros((len(question.slack), 0))
    of_own = question.own_slack or [no_slack] * n_agents
    agents = []
    for number, (matrix, own_slack) in enumerate(
        zip(question.matrices, of_own, strict=True)
    ):
        rows = _row_units(matrix, units, question.radius)
        products = rows[:, :, None] * rows[:, None, :]
        heard = np.flatnonzero(weights[number])
        data = AgentData(
            weights={int(j): float(weights[number, j]) for j in heard},
            number=number,
            n_agents=n_agents,
            matrix=matrix / products,
            common_slack=question.slack / units.constraints,
            own_slack=own_slack / rows[:, n_agreed:],
            radius=question.radius,
            first_multipliers=start,
            first_round=first_round,
        )
        agents.append(ConsensusAgent(data, config))
    return agents


def consensus_step(
    grams: Sequence[Gram],
    slack: FloatArray,
    delta: float,
    weights: FloatArray,
    config: ConsensusConfig,
    first_multipliers: FloatArray | None = None,
    first_round: int = 0,
) -> tuple[JointStep, Agreement]:
    """The joint step of one problem by agents in this process, in the place of `trust_region.best_step`.

    Arguments as there, with W and the settings; `first_multipliers` (constraint,) and `first_round` as in `make_agents`.
    """
    matrices = [gram.matrix[None] for gram in grams]
    question = Question(matrices, slack[None], delta)
    units = question.units()
    start = None if first_multipliers is None else first_multipliers[None]
    agents = make_agents(question, weights, units, config, start, first_round)
    agreement = agree(LocalChannel(agents), weights, question, units, config)
    coefficients = tuple(x[0] for x in agreement.coefficients)
    changes = np.zeros(len(slack) + 1)
    for gram, x in zip(grams, coefficients, strict=True):
        changes += gram.matrix @ x
    step = JointStep(
        coefficients=coefficients,
        objective=float(changes[0]),
        constraints=changes[1:],
        multipliers=agreement.multipliers[0],
        is_recovery=False,
        is_beyond_influence=np.zeros(len(slack), dtype=bool),
    )
    return step, agreement


def _row_units(matrix: FloatArray, units: Units, radius: float) -> FloatArray:
    """Unit of each row of an agent: the agreed ones, and of its own constraints what it can change them by, (problem, row)."""
    agreed = np.column_stack([units.objective, units.constraints])
    n_agreed = agreed.shape[1]
    diagonal = np.diagonal(matrix, axis1=1, axis2=2)
    of_own = np.maximum(diagonal[:, n_agreed:], 0.0)
    reach = radius * np.sqrt(of_own)
    # a row that the agent does not move has no unit of its own
    own_units = np.where(reach > 0, reach, 1.0)
    return np.hstack([agreed, own_units])


def _inbox(
    receiver: int, weights: FloatArray, messages: Sequence[Message | None]
) -> Inbox:
    heard: IntArray = np.flatnonzero(weights[receiver])
    inbox = {}
    for sender in heard:
        message = messages[sender]
        if sender != receiver and message is not None:
            inbox[int(sender)] = message
    return inbox


def _all_may_stop(messages: Sequence[Message | None]) -> bool:
    return all(message is None or message.may_stop for message in messages)


def _all_stopped(steps: Sequence[PrivateStep | None]) -> bool:
    return all(step is None or step.has_stopped for step in steps)


def _told(
    steps: Sequence[PrivateStep | None],
    question: Question,
    units: Units,
    rounds: int,
    silent: tuple[int, ...],
) -> Agreement:
    answering = [step for step in steps if step is not None]
    multipliers = np.array([step.multipliers for step in answering])
    mean = multipliers.mean(axis=0)
    distance = np.abs(multipliers - mean)
    per_objective = units.constraints / units.objective[:, None]
    coefficients = []
    for step, matrix in zip(steps, question.matrices, strict=True):
        if step is None:
            coefficients.append(np.zeros(matrix.shape[:2]))
            continue
        # x is per unit of a row: back from agreed units
        rows = _row_units(matrix, units, question.radius)
        coefficients.append(step.coefficients / rows)
    stood_in: dict[int, int] = {}
    for step in answering:
        for neighbour, count in step.missed.items():
            stood_in[neighbour] = stood_in.get(neighbour, 0) + count
    return Agreement(
        coefficients=tuple(coefficients),
        multipliers=mean / per_objective,
        spread=float(distance.max(initial=0.0)),
        rounds=rounds,
        has_settled=_all_stopped(steps),
        silent=silent,
        stood_in=stood_in,
    )
