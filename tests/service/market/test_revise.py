"""Revisions: cleared again with what was measured in truth, by a job like any other, and worked out anew from the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from market_day import MARKET, Day

from tieline.service.jobs import queue
from tieline.service.jobs.worker import Worker
from tieline.service.market import job, revise
from tieline.service.market.clear import clear_interval
from tieline.service.market.question import ask_again
from tieline.service.market.revise import REVISE, ask_revision
from tieline.service.store import clearings, events, intervals, revision_requests
from tieline.service.store.clearings import Published
from tieline.service.store.refusals import Conflict
from tieline.service.store.revision_requests import RequestProgress


def play(day: Day, count: int) -> list[datetime]:
    """Minutes with a bid each, cleared in their order."""
    with day.store.read() as c:
        taking = intervals.next_open(c, MARKET, day.now)
    assert taking is not None
    starts = [taking.starts_at + timedelta(minutes=k) for k in range(count)]
    for start in starts:
        day.bid(start, "ann", north=[(300, 0.05)])
        day.measure(start, 450.0)
        day.go_to(start - timedelta(seconds=30))
        assert day.work()
    return starts


def ask(day: Day, starts_at: datetime, p_kw: float = 250.0) -> int:
    values = {("2", "p_kw"): p_kw}
    return day.store.write(
        lambda c: ask_revision(
            c, MARKET, starts_at, "the meter was wrong", values, "desk", day.now
        )
    )


def work(day: Day) -> bool:
    return Worker(day.store, [REVISE], "worker", 15.0).do_one()


def progress_of(day: Day, request_id: int) -> RequestProgress:
    with day.store.read() as c:
        return revision_requests.get(c, request_id)


def all_of(day: Day, starts_at: datetime) -> list[Published]:
    with day.store.read() as c:
        return clearings.revisions(c, MARKET, starts_at)


def comes_out_the_same(day: Day, published: Published) -> None:
    with day.store.read() as c:
        question = ask_again(c, published)
    again = clear_interval(job.STAGES.of(day.definition), question)
    assert set(again.prices) == set(published.clearing.prices)
    assert again.state == published.clearing.state


def test_a_revision_counts_from_now_on_and_what_counted_stays_readable(day: Day):
    starts = play(day, 2)
    request_id = ask(day, starts[0])
    assert progress_of(day, request_id).state == "waiting"
    assert day.published(starts[0]).revision == 1
    assert work(day)
    first, second = all_of(day, starts[0])
    progress = progress_of(day, request_id)
    assert (progress.state, progress.revision) == ("done", 2)
    assert day.published(starts[0]) == second
    assert second.request is not None
    assert (first.request, second.request.reason) == (None, "the meter was wrong")
    # less is taken: less is called for, and what is paid follows
    assert sum(second.clearing.facts["demand_kw"]) == pytest.approx(
        sum(first.clearing.facts["demand_kw"]) - 200
    )
    assert second.clearing.settlement != first.clearing.settlement
    assert sum(row.cents for row in second.clearing.settlement) == 0
    assert set(second.clearing.fates) == set(first.clearing.fates)


def test_every_clearing_comes_out_the_same_again(day: Day):
    """Also one that began with a clearing which was revised later, and one that began with the revision."""
    starts = play(day, 2)
    ask(day, starts[0])
    assert work(day)
    ask(day, starts[1], 300.0)
    assert work(day)
    by_start = [all_of(day, start) for start in starts]
    began = [[p.clearing.began_revision for p in of_one] for of_one in by_start]
    assert began == [[1, 1], [1, 2]]
    for published in (*by_start[0], *by_start[1]):
        comes_out_the_same(day, published)


def test_the_next_interval_begins_with_what_counts(day: Day):
    (start,) = play(day, 1)
    ask(day, start)
    assert work(day)
    (later,) = play(day, 1)
    clearing = day.published(later).clearing
    assert (clearing.began_from, clearing.began_revision) == (start, 2)
    comes_out_the_same(day, day.published(later))


def test_one_revision_at_a_time_of_what_is_cleared(day: Day):
    (start,) = play(day, 1)
    with pytest.raises(Conflict, match="is open: there is no clearing"):
        ask(day, start + timedelta(minutes=1))
    request_id = ask(day, start)
    with pytest.raises(Conflict, match=f"on its way .request {request_id}"):
        ask(day, start)
    assert work(day)
    again = ask(day, start, 350.0)
    assert work(day)
    assert progress_of(day, again).revision == 3
    with day.store.read() as c:
        told = [e.payload for e in events.since(c, intervals.topic(MARKET))]
    revisions = [payload["revision"] for payload in told if "revision" in payload]
    assert revisions == [1, 2, 3]


def test_a_late_worker_publishes_nothing(day: Day, monkeypatch: pytest.MonkeyPatch):
    (start,) = play(day, 1)
    request_id = ask(day, start)
    with monkeypatch.context() as patch:
        patch.setattr("tieline.service.market.clear.clear_interval", _overtaken(day))
        assert work(day)
    assert [p.revision for p in all_of(day, start)] == [1]
    assert progress_of(day, request_id).state == "waiting"
    day.now += timedelta(minutes=1)
    assert work(day)
    assert [p.revision for p in all_of(day, start)] == [1, 2]


def _overtaken(day: Day) -> Any:
    """A worker that sleeps past its lease: its job is taken back meanwhile."""

    def clear_late(stage: Any, question: Any) -> Any:
        day.now += timedelta(seconds=30)
        day.store.write(lambda c: queue.sweep(c, day.now))
        return clear_interval(stage, question)

    return clear_late


def test_a_revision_without_a_safe_dispatch_changes_nothing(day: Day):
    (start,) = play(day, 1)
    # more than the line to the meter and all devices together can carry
    request_id = ask(day, start, 1e6)
    assert work(day)
    progress = progress_of(day, request_id)
    assert (progress.state, progress.revision) == ("failed", None)
    assert progress.problem is not None
    assert "No dispatch is safe" in progress.problem
    assert day.published(start).revision == 1


def test_the_module_that_the_queue_names_is_the_one_that_is_tested():
    from tieline.service.jobs.kinds import OF_MARKETS, find_kind

    assert find_kind(REVISE).load() is revise.run
    assert OF_MARKETS[-1] == REVISE
