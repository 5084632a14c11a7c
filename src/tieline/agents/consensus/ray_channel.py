"""The channel between agents that are Ray actors, each in a process of its own, on one machine or several.

An actor holds its agent with all that is private; messages are what leaves it. An actor that does not answer in time, or has
died, counts as silent from then on and is not asked again: an answer to a round that is over would be of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tieline.agents.consensus.message import Answering, Inbox, Message, PrivateStep
from tieline.ray_cluster import import_ray

ANSWER_WITHIN_S = 10.0
"""A round takes milliseconds."""

START_WITHIN_S = 120.0
"""Before the first round processes are started and import what they need."""


class RayChannel:
    """Agents as actors on the cluster that this process is connected to (`ray_cluster`).

    Args:
        agents: the first ones, to be sent to actors.
        answer_within_s: time in which an actor has to answer.

    Raises:
        MissingExtraError: if Ray is not installed.
    """

    def __init__(
        self,
        agents: Sequence[Answering] = (),
        answer_within_s: float = ANSWER_WITHIN_S,
    ):
        self._ray = import_ray("Consensus between actors")
        self._answer_within_s = answer_within_s
        self._actors: list[Any] = []
        self._silent: set[int] = set()
        self.seat(agents)

    @property
    def actors(self) -> list[Any]:
        """Handles of the actors, in the order of the agents."""
        return list(self._actors)

    def seat(self, agents: Sequence[Answering]) -> None:
        """Send agents to the actors, one each; the first ones start them."""
        remote = self._ray.remote(num_cpus=0)(_Seat)
        n_missing = len(agents) - len(self._actors)
        self._actors += [remote.remote() for _ in range(n_missing)]
        pending = {}
        for number, agent in enumerate(agents):
            if number not in self._silent:
                pending[number] = self._actors[number].take.remote(agent)
        patience_s = START_WITHIN_S if n_missing > 0 else self._answer_within_s
        self._answers(pending, patience_s)

    def exchange(self, inboxes: Sequence[Inbox]) -> list[Message | None]:
        """One round; all actors work at the same time."""
        pending = {}
        for number, inbox in enumerate(inboxes):
            if number not in self._silent:
                pending[number] = self._actors[number].answer.remote(inbox)
        return self._answers(pending, self._answer_within_s)

    def private_steps(self) -> list[PrivateStep | None]:
        """What each agent has come to, for the caller as the owner of all of them."""
        pending = {}
        for number, actor in enumerate(self._actors):
            if number not in self._silent:
                pending[number] = actor.private_step.remote()
        return self._answers(pending, self._answer_within_s)

    def close(self) -> None:
        """End the actors."""
        for actor in self._actors:
            self._ray.kill(actor)

    def _answers(self, pending: dict[int, Any], within_s: float) -> list[Any]:
        """Answer of each agent, None where there is none in time."""
        answers: list[Any] = [None] * len(self._actors)
        references = list(pending.values())
        if not references:
            return answers
        self._ray.wait(references, num_returns=len(references), timeout=within_s)
        for number, reference in pending.items():
            try:
                answers[number] = self._ray.get(reference, timeout=0)
            except (
                self._ray.exceptions.RayActorError,
                self._ray.exceptions.GetTimeoutError,
            ):
                self._silent.add(number)
        return answers


class _Seat:
    """What an actor is: an agent and nothing else."""

    _agent: Answering

    def take(self, agent: Answering) -> None:
        self._agent = agent

    def answer(self, inbox: Inbox) -> Message:
        return self._agent.answer(inbox)

    def private_step(self) -> PrivateStep:
        return self._agent.private_step()
