"""Five minutes of a market, with a clock that the test moves: a late bid, a withdrawn one, a dead worker and a late one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from market_day import MARKET, Day

from tieline.service.jobs import queue
from tieline.service.market import job
from tieline.service.market.clear import clear_interval
from tieline.service.market.question import ask_again
from tieline.service.market.state import MarketState
from tieline.service.store import clearings as kept
from tieline.service.store import events, intervals, ledger
from tieline.service.store.refusals import GateClosed


def test_five_minutes(day: Day) -> None:
    first = day.now + timedelta(minutes=1)
    starts = [first + timedelta(minutes=k) for k in range(5)]
    gates = [start - timedelta(seconds=30) for start in starts]

    # minute 1: two bids, the second of bob counts
    ann = day.bid(starts[0], "ann", north=[(300, 0.05)])
    replaced = day.bid(starts[0], "bob", south=[(500, 0.01)])
    bob = day.bid(starts[0], "bob", south=[(500, 0.07)])
    day.measure(starts[0], 450.0)
    day.go_to(gates[0])
    with pytest.raises(GateClosed):
        day.bid(starts[0], "ann", north=[(300, 0.01)])
    assert day.work()
    cleared = day.published(starts[0]).clearing
    assert cleared.status == "cleared"
    assert {cleared.fates[ann].fate, cleared.fates[bob].fate} == {"cleared"}
    assert cleared.fates[replaced].reason == f"replaced by {bob}"

    # minute 2: bob withdraws
    day.bid(starts[1], "ann", north=[(300, 0.05)])
    gone = day.bid(starts[1], "bob", south=[(500, 0.07)])
    day.store.write(lambda c: ledger.withdraw(c, MARKET, starts[1], "bob", day.now))
    day.measure(starts[1], 450.0)
    day.go_to(gates[1])
    assert day.work()
    assert {p.device for p in day.published(starts[1]).clearing.dispatch} == {"north"}
    assert "withdrawn" in day.published(starts[1]).clearing.fates[gone].reason

    # minute 3: the worker that took the job dies with all processes; another one does it when the lease has run out
    day.bid(starts[2], "ann", north=[(300, 0.05)])
    day.measure(starts[2], 250.0)
    day.go_to(gates[2])
    dead = day.store.write(lambda c: queue.claim(c, "dead", ["clear"], day.now, 15.0))
    assert dead is not None
    day.store.close()
    day.now = gates[2] + timedelta(seconds=16)
    day.restart()
    # the lease has run out; after a pause the job may be taken again
    assert not day.work()
    day.go_to(gates[2] + timedelta(seconds=18))
    assert day.work()
    assert day.published(starts[2]).clearing.status == "cleared"

    # minute 4: no worker; its deadline comes, and the worker after that changes nothing
    unlucky = day.bid(starts[3], "ann", north=[(200, 0.05)])
    day.go_to(gates[3])
    day.go_to(gates[3] + timedelta(seconds=20))
    fallback = day.published(starts[3])
    assert fallback.clearing.status == "fallback"
    assert fallback.clearing.dispatch == day.published(starts[2]).clearing.dispatch
    assert "before the deadline" in fallback.clearing.fates[unlucky].reason
    assert day.work()
    assert day.published(starts[3]) == fallback

    # minute 5 begins where minute 4 ended
    day.bid(starts[4], "ann", north=[(300, 0.05)])
    day.measure(starts[4], 250.0)
    day.go_to(gates[4])
    assert day.work()
    assert day.published(starts[4]).clearing.began_from == starts[3]

    _every_interval_has_one_published_revision(day, starts)
    _every_bid_has_a_fate(day, starts)
    _comes_out_the_same_from_the_ledger(day, starts)
    _settlement_adds_up(day, starts)
    with day.store.read() as c:
        told = [e.kind for e in events.since(c, intervals.topic(MARKET))]
    assert told.count("interval-cleared") == 5
    assert told.count("fallback") == 1


def _every_interval_has_one_published_revision(day: Day, starts) -> None:
    with day.store.read() as c:
        assert [len(kept.revisions(c, MARKET, start)) for start in starts] == [1] * 5


def _every_bid_has_a_fate(day: Day, starts) -> None:
    with day.store.read() as c:
        for start in starts:
            rows = ledger.rows(c, MARKET, start)
            placed = {row.bid_id for row in rows if row.act != "withdraw"}
            assert placed <= set(day.published(start).clearing.fates)


def _comes_out_the_same_from_the_ledger(day: Day, starts) -> None:
    stage = job.STAGES.of(day.definition)
    for start in starts:
        published = day.published(start)
        if published.clearing.status == "fallback":
            continue
        with day.store.read() as c:
            question = ask_again(c, published)
        again = clear_interval(stage, question)
        # prices of the database come in the order of its keys
        assert set(again.prices) == set(published.clearing.prices)
        assert again.state == published.clearing.state


def _settlement_adds_up(day: Day, starts) -> None:
    """Every minute to zero, and all of them to the balance of each account."""
    total: dict[tuple[str, str], int] = {}
    for start in starts:
        rows = day.published(start).clearing.settlement
        assert sum(row.cents for row in rows) == 0
        for row in rows:
            key = (row.account, row.what)
            total[key] = total.get(key, 0) + row.cents
    state = day.published(starts[-1]).clearing.state
    assert state is not None
    for account, exact in MarketState.of_bytes(state).balances.items():
        assert total[account] == round(exact)


def test_after_a_long_silence_gates_that_passed_are_not_cleared(day: Day) -> None:
    """What was open gets no dispatch, what begins now is open, and nobody computes for the past."""
    day.go_to(day.now + timedelta(hours=3))
    day.start_worker()
    day.go_to(day.now)
    with day.store.read() as c:
        waiting = intervals.not_cleared(c, MARKET)
        counts = queue.counts(c)
        newest = intervals.newest(c, MARKET)
    assert waiting == []
    assert sum(counts.values()) == 0
    assert newest == day.now + timedelta(hours=1)
    first = day.published(day.now - timedelta(hours=2, minutes=59))
    assert first.clearing.status == "unmet"
