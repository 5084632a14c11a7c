"""When intervals open, close and start, on the market's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tieline.service.market.gates import Gates
from tieline.service.market.market_clock import MarketClock

NOW = datetime(2026, 3, 1, 12, 0, 20, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Kathmandu")  # 5:45 ahead of UTC
AS_IT_IS = MarketClock()


def test_intervals_are_open_until_their_gate() -> None:
    gates = Gates(lead_s=30, ahead_minutes=3)
    starts = [i.starts_at.minute for i in gates.open_at(NOW, AS_IT_IS, ZONE)]
    assert starts == [1, 2, 3]
    at_the_gate = NOW.replace(second=30)
    starts = [i.starts_at.minute for i in gates.open_at(at_the_gate, AS_IT_IS, ZONE)]
    assert starts == [2, 3]


def test_intervals_lie_on_the_local_hour_and_within_hours() -> None:
    gates = Gates(interval_minutes=30, ahead_minutes=180, from_hour=18.5, to_hour=19.5)
    local = [
        i.starts_at.astimezone(ZONE).strftime("%H:%M")
        for i in gates.open_at(NOW, AS_IT_IS, ZONE)
    ]
    assert local == ["18:30", "19:00"]


def test_no_interval_is_lost_or_doubled_when_the_clocks_change() -> None:
    zone = ZoneInfo("America/Chicago")
    gates = Gates(interval_minutes=15, ahead_minutes=240)
    midnight = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    starts = [i.starts_at for i in gates.open_at(midnight, AS_IT_IS, zone)]
    steps = {after - before for before, after in pairwise(starts)}
    assert steps == {timedelta(minutes=15)}


def test_a_fast_clock_has_short_intervals_that_are_the_same_at_each_look() -> None:
    shows = datetime(2025, 6, 21, 6, 0, tzinfo=UTC)
    clock = MarketClock(speed=144, began_at=NOW, shows=shows)
    gates = Gates(interval_minutes=5, lead_s=1, deadline_s=1, ahead_minutes=60)
    first = list(gates.open_at(NOW, clock, ZONE))
    later = list(gates.open_at(NOW + timedelta(seconds=3.7), clock, ZONE))
    length = first[0].ends_at - first[0].starts_at
    assert abs(length - timedelta(seconds=300 / 144)) <= timedelta(microseconds=1)
    assert set(first[2:]) <= set(later)
    assert clock.shown(first[0].starts_at) == shows + timedelta(minutes=5)


@pytest.mark.parametrize("speed", [1, 144])
def test_intervals_behind_another_are_those_that_start_later(speed: float) -> None:
    shows = datetime(2025, 6, 21, 6, 0, tzinfo=UTC)
    clock = MarketClock(speed=speed, began_at=NOW, shows=shows)
    gates = Gates(interval_minutes=5, lead_s=1, deadline_s=1, ahead_minutes=60)
    coming = list(gates.open_at(NOW, clock, ZONE))
    long_ago = NOW - timedelta(days=1)
    assert list(gates.open_at(NOW, clock, ZONE, behind=long_ago)) == coming
    for number, interval in enumerate(coming, start=1):
        behind = list(gates.open_at(NOW, clock, ZONE, interval.starts_at))
        assert behind == coming[number:]
