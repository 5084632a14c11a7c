"""The queue: who gets a job, when it is taken back, when it is given up, and that a late worker changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tieline.service.jobs import queue
from tieline.service.jobs.job import Again, Done, Failed, Job, Outcome
from tieline.service.store import Store, events
from tieline.service.store.fence import Token
from tieline.service.store.refusals import LateWorker, UnknownJob

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def put(store: Store, kind: str = "sum", **values) -> int:
    return store.write(lambda c: queue.put(c, kind, {"n": 1}, NOON, **values))


def claim(store: Store, seconds: float = 0, worker: str = "w1") -> Job | None:
    return store.write(lambda c: queue.claim(c, worker, ["sum"], at(seconds), 10.0))


def claimed(store: Store, seconds: float = 0, worker: str = "w1") -> Job:
    job = claim(store, seconds, worker)
    assert job is not None
    return job


def finish(store: Store, job: Job, outcome: Outcome, seconds: float) -> str:
    return store.write(lambda c: queue.finish(c, job.token, outcome, at(seconds)))


def get(store: Store, job_id: int) -> Job:
    with store.read() as c:
        return queue.get(c, job_id)


def test_the_oldest_due_job_of_a_known_kind_is_claimed_once(store: Store):
    put(store, "other")
    put(store, not_before=at(60))
    first = put(store)
    assert claimed(store).job_id == first
    assert claim(store) is None
    assert claimed(store, 60).payload == {"n": 1}


def test_done_with_its_result(store: Store):
    put(store)
    job = claimed(store)
    assert finish(store, job, Done({"sum": 3}), 1) == "done"
    ended = get(store, job.job_id)
    assert (ended.state, ended.result, ended.ended_at) == ("done", {"sum": 3}, at(1))
    with store.read() as c:
        kinds = [event.kind for event in events.since(c, queue.topic(job.job_id))]
    assert kinds == ["waiting", "running", "done"]


def test_a_heartbeat_keeps_the_lease(store: Store):
    put(store)
    job = claimed(store)
    store.write(lambda c: queue.beat(c, job.token, at(9), 10.0))
    assert claim(store, 18, "w2") is None
    assert claim(store, 19, "w2") is None  # taken back, and waits a moment
    assert claimed(store, 21, "w2").token == Token(job.job_id, 2)


def test_a_late_worker_changes_nothing(store: Store):
    put(store)
    slow = claimed(store, 0)
    store.write(lambda c: queue.sweep(c, at(10)))
    fast = claimed(store, 12, "w2")
    for seconds in (12, 13):
        with pytest.raises(LateWorker):
            finish(store, slow, Done("late"), seconds)
    with pytest.raises(LateWorker):
        store.write(lambda c: queue.beat(c, slow.token, at(13)))
    finish(store, fast, Done("in time"), 14)
    assert get(store, slow.job_id).result == "in time"


def test_waits_longer_before_each_attempt_then_gives_up(store: Store):
    put(store, most_attempts=3)
    pauses = []
    seconds = 0.0
    for _ in range(2):
        job = claimed(store, seconds)
        assert finish(store, job, Again("the disk was full"), seconds) == "waiting"
        began = seconds
        while claim(store, seconds) is None:
            seconds += 0.5
        store.write(lambda c, t=seconds: queue.give_back(c, _newest(c), "test", at(t)))
        pauses.append(seconds - began)
    assert pauses == [1.0, 2.0]
    job = claimed(store, seconds)
    assert finish(store, job, Again("the disk was full"), seconds) == "gave_up"
    assert get(store, job.job_id).reason == "the disk was full"
    assert claim(store, 1e6) is None


def _newest(c) -> Token:
    return queue.get(c, 1).token


def test_a_job_that_always_kills_its_worker_is_given_up(store: Store):
    job_id = put(store, most_attempts=2)
    for seconds in (0, 100):
        claimed(store, seconds)
        store.write(lambda c, s=seconds: queue.sweep(c, at(s + 10)))
    ended = get(store, job_id)
    assert (ended.state, ended.attempts) == ("gave_up", 2)
    assert ended.reason == "worker w1 died or fell silent"


def test_a_dead_workers_jobs_need_not_wait_for_the_lease(store: Store):
    put(store)
    claimed(store)
    store.write(lambda c: queue.bury(c, "w1", at(1)))
    assert claimed(store, 2, "w2").attempts == 2


def test_failed_is_not_tried_again(store: Store):
    put(store)
    finish(store, claimed(store), Failed("unknown feeder"), 1)
    assert claim(store, 1000) is None


def test_a_cancelled_job_ends_and_its_worker_is_late(store: Store):
    waiting = put(store)
    store.write(lambda c: queue.cancel(c, waiting, "by the operator", NOON))
    assert claim(store) is None
    put(store)
    job = claimed(store)
    store.write(lambda c: queue.cancel(c, job.job_id, "by the operator", at(1)))
    with pytest.raises(LateWorker, match="cancelled"):
        finish(store, job, Done(), 2)
    # what has ended stays as it ended
    again = store.write(lambda c: queue.cancel(c, job.job_id, "twice", at(3)))
    assert again.reason == "by the operator"


def test_the_same_question_is_asked_once_unless_it_failed(store: Store):
    first = put(store, dedup="abc")
    assert put(store, dedup="abc") == first
    job = claimed(store)
    finish(store, job, Failed("no"), 1)
    second = put(store, dedup="abc")
    assert second != first
    finish(store, claimed(store, 2), Done(), 3)
    assert put(store, dedup="abc") == second


def test_given_back_does_not_count_as_an_attempt(store: Store):
    put(store, most_attempts=1)
    job = claimed(store)
    store.write(lambda c: queue.give_back(c, job.token, "asked to end", at(1)))
    assert claimed(store, 1).attempts == 1


def test_looking_for_work_sees_lost_jobs_too(store: Store):
    def has_work(seconds: float) -> bool:
        with store.read() as c:
            return queue.has_work(c, ["sum"], at(seconds))

    assert not has_work(0)
    put(store)
    assert has_work(0)
    claimed(store)
    assert not has_work(9)
    assert has_work(10)


def test_unknown_job(store: Store):
    with store.read() as c, pytest.raises(UnknownJob, match="42"):
        queue.get(c, 42)


def test_counts(store: Store):
    put(store)
    put(store)
    claimed(store)
    with store.read() as c:
        assert queue.counts(c) == {"waiting": 1, "running": 1}


def test_the_most_urgent_kind_goes_first_however_long_others_have_waited(store: Store):
    for second, kind in enumerate(("later", "later", "urgent")):
        store.write(lambda c, kind=kind, t=second: queue.put(c, kind, {}, at(t)))
    claimed = []
    for _ in range(3):
        job = store.write(
            lambda c: queue.claim(c, "w1", ["urgent", "later"], at(9), 10.0)
        )
        assert job is not None
        claimed.append((job.kind, job.job_id))
    assert claimed == [("urgent", 3), ("later", 1), ("later", 2)]
