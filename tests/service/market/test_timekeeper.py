"""After how long the timekeeper looks again: a gate or deadline is met to the millisecond, and else it rests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from market_day import MARKET, Day

from tieline.service.market.timekeeper import LOOK_S, SHORTEST_S
from tieline.service.store import intervals


def look_at(day: Day, moment) -> float:
    day.now = moment
    return day.timekeeper.look()


def test_it_rests_until_the_next_gate_and_the_next_deadline(day: Day, definition):
    with day.store.read() as c:
        gate_at = intervals.next_gate(c)
        interval = intervals.next_open(c, MARKET, day.now)
    assert gate_at is not None
    assert interval is not None
    assert interval.gate_at == gate_at
    assert look_at(day, gate_at - timedelta(seconds=5)) == LOOK_S
    short = look_at(day, gate_at - timedelta(seconds=0.03))
    assert short == pytest.approx(0.03)
    assert look_at(day, gate_at) == SHORTEST_S
    with day.store.read() as c:
        assert intervals.get(c, MARKET, interval.starts_at).state == "closed"
    # nobody clears it: what is waited for now is its deadline
    deadline_at = definition.gates.deadline(gate_at)
    soon = deadline_at - timedelta(seconds=0.05)
    assert look_at(day, soon) == pytest.approx(0.05)
    assert look_at(day, deadline_at) == SHORTEST_S
    with day.store.read() as c:
        assert intervals.get(c, MARKET, interval.starts_at).state == "cleared"
