"""The clock never steps back: not within a process, not over a restart, not between two of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tieline.service.store import open_store
from tieline.service.store.clock import Clock

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Source:
    """A clock of a computer that can be set."""

    def __init__(self, moment: datetime):
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def test_stands_still_until_the_computer_has_caught_up():
    source = Source(NOON)
    clock = Clock(source)
    assert clock.now() == NOON
    source.moment = NOON - HOUR
    assert clock.now() == NOON
    source.moment = NOON + HOUR
    assert clock.now() == NOON + HOUR


def test_gives_utc():
    cest = timezone(timedelta(hours=2))
    assert Clock(Source(NOON.astimezone(cest))).now().tzinfo is UTC


def test_a_restart_does_not_step_back(address: str):
    first = open_store(address, Clock(Source(NOON)))
    first.write(lambda c: None)
    first.close()
    second = open_store(address, Clock(Source(NOON - HOUR)))
    assert second.now() == NOON
    second.close()


def test_processes_agree_on_the_latest(address: str):
    ahead = open_store(address, Clock(Source(NOON + HOUR)))
    behind = open_store(address, Clock(Source(NOON)))
    ahead.write(lambda c: None)
    assert behind.now() == NOON
    behind.write(lambda c: None)
    assert behind.now() == NOON + HOUR
    ahead.close()
    behind.close()


def test_a_moment_without_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        Clock(Source(datetime(2030, 6, 1))).now()
