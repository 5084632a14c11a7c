"""Buckets of tokens: a steady rate, a burst, and each caller its own."""

from __future__ import annotations

import pytest

from tieline.service.web import limits
from tieline.service.web.limits import Limits
from tieline.service.web.problems import Refusal


class Time:
    """A clock that the test sets [s]."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(bucket: Limits, caller: str, tries: int) -> int:
    """How many of some requests are let through."""
    passed = 0
    for _ in range(tries):
        try:
            bucket.take(caller)
        except Refusal:
            continue
        passed += 1
    return passed


def test_a_burst_of_two_seconds_and_then_the_rate():
    time = Time()
    bucket = Limits(10.0, time)
    assert taken(bucket, "ann", 100) == 20
    time.now += 3.0
    assert taken(bucket, "ann", 100) == 20
    time.now += 0.5
    assert taken(bucket, "ann", 100) == 5
    assert taken(bucket, "bob", 100) == 20


def test_the_refusal_says_when_to_come_back():
    bucket = Limits(0.1, Time())
    bucket.take("ann")
    with pytest.raises(Refusal) as refused:
        bucket.take("ann")
    assert refused.value.status == 429
    assert refused.value.headers == {"Retry-After": "10"}


def test_the_silent_are_forgotten_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "MOST_BUCKETS", 2)
    bucket = Limits(1.0, Time())
    for caller in ("ann", "bob", "ann", "eve"):
        bucket.take(caller)
    assert set(bucket._buckets) == {"ann", "eve"}
