"""The channel between agents that are Ray actors, each in a process of its own, on one machine or several.

An actor holds its agent with all that is private; messages are what leaves it. An actor that does not answer in time, or has
died, counts as silent from then on and is not asked again: an answer to a round that is over would be of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tieline.agents.consensus.message import Answering, Inbox, Message, PrivateStep
from tieline.errors import MissingExtraError

ANSWER_WITHIN_S = 10.0
"""A round takes milliseconds; the first one also starts the processes."""


class RayChannel:
    """Agents as actors on the cluster that this process is connected to (`ray.init`).

    Args:
        agents: to be sent to actors.
        answer_within_s: time in which an actor has to answer.

    Raises:
        MissingExtraError: if Ray is not installed.
    """

    def __init__(
        self, agents: Sequence[Answering], answer_within_s: float = ANSWER_WITHIN_S
    ):
        try:
            import ray
        except ImportError:
            raise MissingExtraError("ray", "ray", "Consensus between actors") from None
        self._ray: Any = ray
        self._answer_within_s = answer_within_s
        remote = ray.remote(num_cpus=0)(_Seat)
        self._actors = [remote.remote(agent) for agent in agents]
        self._silent: set[int] = set()

    @property
    def actors(self) -> list[Any]:
        """Handles of the actors, in the order of the agents."""
        return list(self._actors)

    def exchange(self, inboxes: Sequence[Inbox]) -> list[Message | None]:
        """One round; all actors work at the same time."""
        pending = {}
        for number, inbox in enumerate(inboxes):
            if number not in self._silent:
                pending[number] = self._actors[number].answer.remote(inbox)
        return self._answers(pending)

    def private_steps(self) -> list[PrivateStep | None]:
        """What each agent has come to, for the caller as the owner of all of them."""
        pending = {}
        for number, actor in enumerate(self._actors):
            if number not in self._silent:
                pending[number] = actor.private_step.remote()
        return self._answers(pending)

    def close(self) -> None:
        """End the actors."""
        for actor in self._actors:
            self._ray.kill(actor)

    def _answers(self, pending: dict[int, Any]) -> list[Any]:
        """Answer of each agent, None where there is none in time."""
        references = list(pending.values())
        self._ray.wait(
            references, num_returns=len(references), timeout=self._answer_within_s
        )
        answers: list[Any] = [None] * len(self._actors)
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

    def __init__(self, agent: Answering):
        self._agent = agent

    def answer(self, inbox: Inbox) -> Message:
        return self._agent.answer(inbox)

    def private_step(self) -> PrivateStep:
        return self._agent.private_step()
