"""Intervals open once, close at their gate in order, and say what waits for a clearing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bid_market import END, GATE, MARKET, OPENED, START, add_market
from tieline.service.store import Store, clearings, events, intervals, ledger, markets
from tieline.service.store.clearings import Clearing
from tieline.service.store.drafts import make_draft
from tieline.service.store.refusals import Conflict, UnknownMarket

MINUTE = timedelta(minutes=1)


def open_(store: Store, steps: int, gate_shift: timedelta = timedelta(0)):
    shift = steps * MINUTE
    times = (START + shift, END + shift, GATE + shift + gate_shift)
    return store.write(lambda c: intervals.open_(c, MARKET, *times, OPENED))


def test_the_same_interval_again_changes_nothing_another_is_refused(store: Store):
    add_market(store)
    assert open_(store, 0) == open_(store, 0)
    with pytest.raises(Conflict, match="another end or gate"):
        open_(store, 0, gate_shift=-MINUTE)
    with pytest.raises(Conflict, match="gate before its start"):
        open_(store, 1, gate_shift=MINUTE)
    with store.read() as c:
        assert [e.kind for e in events.since(c, "markets/minute")] == ["interval-open"]


def test_closes_what_is_due_the_earliest_first(store: Store):
    add_market(store)
    for steps in (2, 1, 3):
        open_(store, steps)
    due = store.write(lambda c: intervals.close_due(c, GATE + 2 * MINUTE))
    assert [i.starts_at for i in due] == [START + n * MINUTE for n in range(3)]
    assert {i.state for i in due} == {"closed"}
    assert store.write(lambda c: intervals.close_due(c, GATE + 2 * MINUTE)) == []
    with store.read() as c:
        states = [
            i.state for i in intervals.between(c, MARKET, START, END + 9 * MINUTE)
        ]
        waiting = [i.starts_at for i in intervals.not_cleared(c, MARKET)]
    assert states == ["closed"] * 3 + ["open"]
    assert waiting == [i.starts_at for i in due]


def test_the_next_gate_is_the_earliest_that_is_open(store: Store):
    with store.read() as c:
        assert intervals.next_gate(c) is None
    add_market(store)
    for steps in (2, 1):
        open_(store, steps)
    gates = []
    for steps in range(3):
        with store.read() as c:
            gates.append(intervals.next_gate(c))
        moment = GATE + steps * MINUTE
        store.write(lambda c, moment=moment: intervals.close_due(c, moment))
    assert gates == [GATE + steps * MINUTE for steps in range(3)]
    with store.read() as c:
        assert intervals.next_gate(c) is None


def test_a_cleared_interval_waits_no_more(store: Store):
    add_market(store)
    store.write(lambda c: intervals.close_due(c, GATE))
    with store.read() as c:
        digest = ledger.book(c, MARKET, START).digest
    clearing = Clearing(MARKET, START, digest)
    store.write(lambda c: clearings.publish(c, make_draft(c, clearing), None, GATE))
    with store.read() as c:
        assert intervals.not_cleared(c, MARKET) == []


def test_a_market_keeps_its_definition(store: Store):
    add_market(store)
    same = store.write(
        lambda c: markets.add(c, MARKET, {"feeder": "two buses"}, "USD", GATE)
    )
    assert same.added_at == OPENED
    with pytest.raises(Conflict, match="another definition"):
        store.write(lambda c: markets.add(c, MARKET, {"feeder": "x"}, "USD", GATE))
    with pytest.raises(UnknownMarket), store.read() as c:
        markets.find(c, "hour")
