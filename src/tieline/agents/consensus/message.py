"""What passes between agents, and the channel that carries it.

A message holds multipliers and one flag, nothing else: no policy, no slope, no step. Who sent it and in which round is known from
where it arrives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Message:
    """One message.

    Attributes:
        multipliers: of the common constraints, (problem, constraint), in agreed units.
        may_stop: whether the sender, and all it has heard of in this stretch of rounds, have settled.
    """

    multipliers: FloatArray
    may_stop: bool


Inbox: TypeAlias = Mapping[int, Message]
"""Number of the sender -> its message of the round before; senders that did not answer are not in it."""


@dataclass(frozen=True, eq=False)
class PrivateStep:
    """What an agent has at the end. It is read by the agent's owner and never sent to another agent.

    Attributes:
        coefficients: x, (problem, row): its step is H^-1 [g B] x.
        multipliers: of the common constraints, (problem, constraint), in agreed units.
        own_multipliers: of its own constraints, (problem, own constraint), in its own units.
        has_stopped: by agreement, not because the rounds were over.
        missed: neighbour -> rounds in which it did not answer.
    """

    coefficients: FloatArray
    multipliers: FloatArray
    own_multipliers: FloatArray
    has_stopped: bool
    missed: Mapping[int, int]


class Answering(Protocol):
    """An agent, as a channel knows it."""

    def answer(self, inbox: Inbox) -> Message:
        """The next message."""
        ...

    def private_step(self) -> PrivateStep:
        """What it has come to."""
        ...


class Channel(Protocol):
    """Carries messages between agents, wherever they run."""

    def seat(self, agents: Sequence[Answering]) -> None:
        """Put agents in the place of those before; where one does not answer, its successor cannot either."""
        ...

    def exchange(self, inboxes: Sequence[Inbox]) -> Sequence[Message | None]:
        """One round: every agent reads its inbox and answers; None from one that does not."""
        ...

    def private_steps(self) -> Sequence[PrivateStep | None]:
        """What each agent has come to; None from one that does not answer."""
        ...


class LocalChannel:
    """All agents in this process, one after the other."""

    def __init__(self, agents: Sequence[Answering] = ()):
        self._agents = agents

    def seat(self, agents: Sequence[Answering]) -> None:
        """Other agents."""
        self._agents = agents

    def exchange(self, inboxes: Sequence[Inbox]) -> list[Message | None]:
        """One round."""
        pairs = zip(self._agents, inboxes, strict=True)
        return [agent.answer(inbox) for agent, inbox in pairs]

    def private_steps(self) -> list[PrivateStep | None]:
        """What each agent has come to."""
        return [agent.private_step() for agent in self._agents]
