"""`ConsensusStep`: agents among themselves in the place of `trust_region.central_step`, from one update to the next.

    1. Where a limit is broken, agents first see whether a step obeys all limits: they raise the smallest slack of all, each as a
       part of what they can change it by.
    2. If there is such a step, they raise the objective within all limits.
    3. If not, they raise the smallest slack as it is: the recovery step.

Every agreement begins anew. Multipliers of the update before would save nothing: what takes the rounds is what neighbours have
disagreed by, and that changes as limits join and leave.

An agent that fell silent is left out of later agreements and takes no step; its share of what is left of each limit falls to the
others, who rebuild the graph among themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

from tieline.agents.consensus.agent import ConsensusConfig
from tieline.agents.consensus.agreement import Agreement, agree
from tieline.agents.consensus.comparison import Comparison, against_central
from tieline.agents.consensus.graph import without_agents
from tieline.agents.consensus.message import Channel
from tieline.agents.consensus.question import make_agents
from tieline.agents.consensus.rows import Goal, Rows
from tieline.agents.constrained_update.trust_region import JointStep, StepQuestion
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class StepRecord:
    """How the step of one update came about.

    Attributes:
        rounds: of all its agreements.
        has_settled: whether agents stopped by agreement in the last of them, the one that made the step.
        is_recovery: whether no step obeys all limits.
        silent: agents that did not answer; the step is not that of the whole question.
        stood_in: rounds in which each of these was missed, over all its neighbours.
        shared: which of the problem's constraints had multipliers that were sent, (shared constraint,).
        comparison: with the central solution, if it was asked for.
    """

    rounds: int
    has_settled: bool
    is_recovery: bool
    silent: tuple[int, ...]
    stood_in: dict[int, int]
    shared: IntArray
    comparison: Comparison | None


class ConsensusStep:
    """Finds steps by agreement; a `FindStep` of `constrained_update.update`.

    Args:
        channel: between the agents.
        weights: W of a graph that was checked, (agent, agent).
        config: settings of the agents.
        compares: solve every question centrally too, for the record.

    Attributes:
        records: of every step, in order.
    """

    def __init__(
        self,
        channel: Channel,
        weights: FloatArray,
        config: ConsensusConfig,
        *,
        compares: bool = False,
    ):
        self._channel = channel
        self._weights = weights
        self._config = config
        self._compares = compares
        # of the step at hand
        self._agreements: list[Agreement] = []
        self._absent: frozenset[int] = frozenset()
        self.records: list[StepRecord] = []

    def __call__(self, question: StepQuestion) -> JointStep:
        """The step of one update."""
        self._agreements = []
        rows = Rows.of(question)
        shared = Rows.of_recovery(question)
        if shared.some_are_broken and not self._has_room(shared):
            agreement = self._agreement(shared, "smallest slack")
            step = shared.joint_step(agreement, is_recovery=True)
        else:
            agreement = self._agreement(rows, "objective")
            step = rows.joint_step(agreement, is_recovery=False)
        shared_rows = shared if step.is_recovery else rows
        numbers = question.constraints[shared_rows.common]
        self._record(question, step, numbers)
        return step

    def _has_room(self, shared: Rows) -> bool:
        """Whether a step obeys all limits."""
        agreement = self._agreement(shared, "room")
        step = shared.joint_step(agreement, is_recovery=True)
        # what agents agree on is good to the tolerance and no better
        return shared.smallest_slack(step) > self._config.tolerance

    def _agreement(self, rows: Rows, goal: Goal) -> Agreement:
        config = self._config
        question = rows.question(self._absent, goal)
        units = question.units()
        agents = make_agents(question, self._weights, units, config)
        self._channel.seat(agents)
        agreement = agree(self._channel, self._weights, question, units, config)
        self._leave_out(agreement)
        self._agreements.append(agreement)
        return agreement

    def _leave_out(self, agreement: Agreement) -> None:
        """Go on without those who fell silent."""
        # for ever their last multipliers would hold all others at what they were, while limits move on
        newly_silent = set(agreement.silent) - self._absent
        self._absent = self._absent.union(newly_silent)
        if newly_silent:
            self._weights = without_agents(self._weights, self._absent)

    def _record(
        self, question: StepQuestion, step: JointStep, shared: IntArray
    ) -> None:
        stood_in: dict[int, int] = {}
        for agreement in self._agreements:
            for agent, count in agreement.stood_in.items():
                stood_in[agent] = stood_in.get(agent, 0) + count
        comparison = against_central(question, step) if self._compares else None
        record = StepRecord(
            rounds=sum(agreement.rounds for agreement in self._agreements),
            has_settled=self._agreements[-1].has_settled,
            is_recovery=step.is_recovery,
            silent=tuple(sorted(self._absent)),
            stood_in=stood_in,
            shared=shared,
            comparison=comparison,
        )
        self.records.append(record)
