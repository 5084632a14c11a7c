"""`Clock`: the time of the service, which never steps back.

A gate that has closed stays closed when the computer's clock is set back, and rows stay in the order in which they came. The
clock therefore gives the latest moment that it or the database has seen until the computer's clock has caught up. The database
keeps that moment, so that neither a restart nor a second machine whose clock is behind steps back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

Source = Callable[[], datetime]
"""Gives the present moment with its zone, and may step back."""


def computer_time() -> datetime:
    """The computer's clock, in UTC."""
    return datetime.now(UTC)


class Clock:
    """A clock that only goes forward; several threads may ask it.

    Args:
        source: what it follows, such as the minutes of a simulated day.
    """

    def __init__(self, source: Source = computer_time):
        self._source = source
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The present moment in UTC, not before any earlier answer."""
        return self.advance(self._source())

    def advance(self, moment: datetime) -> datetime:
        """Take note of a moment that was seen elsewhere; returns the latest one.

        Raises:
            ValueError: if it has no time zone.
        """
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone")
        with self._lock:
            self._latest = max(self._latest, moment.astimezone(UTC))
            return self._latest
