"""`WatchedChannel`: a channel that keeps every message, for who wants to see what was sent and how multipliers came to rest."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.agents.consensus.message import (
    Answering,
    Channel,
    Inbox,
    Message,
    PrivateStep,
)


class WatchedChannel:
    """Another channel, with a record of its last agreement.

    Attributes:
        rounds: messages of each round, one per agent, None from one that did not answer.
    """

    def __init__(self, channel: Channel):
        self._channel = channel
        self.rounds: list[Sequence[Message | None]] = []

    def seat(self, agents: Sequence[Answering]) -> None:
        """Agents of another agreement: the record begins anew."""
        self.rounds = []
        self._channel.seat(agents)

    def exchange(self, inboxes: Sequence[Inbox]) -> Sequence[Message | None]:
        """One round."""
        messages = self._channel.exchange(inboxes)
        self.rounds.append(messages)
        return messages

    def private_steps(self) -> Sequence[PrivateStep | None]:
        """Not kept: they are nobody's but the agents' own."""
        return self._channel.private_steps()
