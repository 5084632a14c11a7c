"""What agents face, in units that they have agreed on, and the agents made for it.

Units are agreed before the first round: of the objective and of each constraint what an average agent can change it by. They make
one rho good for limits in pu and gains in money, and tell of each row one number that says nothing about a policy.
Where the smallest slack is to be raised as it was given, all constraints have one unit, the largest of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.agents.consensus.agent import AgentData, ConsensusAgent, ConsensusConfig
from tieline.agents.consensus.graph import neighbours_of
from tieline.typing import FloatArray


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
        delta: size of each trust region.
        own_slack: of each agent's own constraints, (problem, own constraint); none if left out.
        is_recovery: whether the smallest slack is to be raised, whatever the objective says; no constraints of its own then.
        has_one_unit: whether slacks are compared as they are, not each with what agents can change it by.
        absent: agents known not to answer, whose share of the slack falls to the others.
    """

    matrices: Sequence[FloatArray]
    slack: FloatArray
    delta: float
    own_slack: Sequence[FloatArray] = ()
    is_recovery: bool = False
    has_one_unit: bool = False
    absent: frozenset[int] = frozenset()

    @property
    def radius(self) -> float:
        """Of the trust regions, sqrt(2 delta)."""
        return float(np.sqrt(2.0 * self.delta))

    def units(self) -> Units:
        """What an average agent can change each row by; 1 for rows that nobody moves."""
        n_rows = self.slack.shape[1] + 1
        diagonals = [
            np.diagonal(matrix, axis1=1, axis2=2)[:, :n_rows]
            for matrix in self.matrices
        ]
        # rounding may leave a little less than nothing
        size = np.sqrt(np.maximum(diagonals, 0.0))
        reach = self.radius * size.mean(axis=0)
        if self.has_one_unit:
            largest = reach[:, 1:].max(axis=1, initial=0.0)
            # of a recovery the objective is a slack too: multipliers are then parts of 1 in any unit
            reach[:] = largest[:, None]
        unit = np.where(reach > 0, reach, 1.0)
        return Units(unit[:, 0], unit[:, 1:])


def make_agents(
    question: Question,
    weights: FloatArray,
    units: Units,
    config: ConsensusConfig,
) -> list[ConsensusAgent]:
    """Agents of a question.

    Args:
        question: what they face.
        weights: W.
        units: agreed.
        config: settings.
    """
    n_agents = len(weights)
    no_slack = np.zeros((len(question.slack), 0))
    of_own = question.own_slack or [no_slack] * n_agents
    agents = []
    for number, own_slack in enumerate(of_own):
        matrix = question.matrices[number]
        rows = row_units(matrix, units, question.radius)
        products = rows[:, :, None] * rows[:, None, :]
        neighbours = neighbours_of(weights, number)
        data = AgentData(
            weights={j: float(weights[number, j]) for j in neighbours},
            number=number,
            n_agents=n_agents,
            n_sharing=n_agents - len(question.absent),
            matrix=matrix / products,
            common_slack=question.slack / units.constraints,
            own_slack=own_slack / rows[:, question.slack.shape[1] + 1 :],
            radius=question.radius,
            is_recovery=question.is_recovery,
        )
        agents.append(ConsensusAgent(data, config))
    return agents


def row_units(matrix: FloatArray, units: Units, radius: float) -> FloatArray:
    """Unit of each row of an agent: the agreed ones, and of its own constraints what it can change them by, (problem, row)."""
    agreed = np.column_stack([units.objective, units.constraints])
    n_agreed = agreed.shape[1]
    diagonal = np.diagonal(matrix, axis1=1, axis2=2)
    of_own = np.maximum(diagonal[:, n_agreed:], 0.0)
    reach = radius * np.sqrt(of_own)
    # a row that the agent does not move has no unit of its own
    own_units = np.where(reach > 0, reach, 1.0)
    return np.hstack([agreed, own_units])
