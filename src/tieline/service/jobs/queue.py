"""The queue of jobs: one table, leases, and a token that only the newest claim has.

    waiting -> running -> done | failed | cancelled | gave_up

A claim gives a worker the job for a lease, which its heartbeat extends. When the lease runs out the job waits again, until it has
been tried often enough and is given up. Whoever ends a job does so in the transaction that keeps what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tieline.service.jobs.job import (
    ENDED,
    Done,
    Failed,
    Job,
    Outcome,
    State,
    read_job,
)
from tieline.service.store import events
from tieline.service.store.fail_points import reach
from tieline.service.store.fence import Token, require_newest
from tieline.service.store.refusals import UnknownJob
from tieline.service.store.tables import jobs

LEASE_S = 15.0
"""How long a silent worker keeps a job: long beside a pause of the process, short beside what users wait."""

BACKOFF_S = 1.0
"""Pause before the second attempt; each further one waits twice as long."""

LONGEST_BACKOFF_S = 60.0

_NOW = sa.bindparam("now")
_IS_DUE = (
    (jobs.c.state == "waiting")
    & (jobs.c.not_before <= _NOW)
    & jobs.c.kind.in_(sa.bindparam("kinds", expanding=True))
)
_IS_LOST = (jobs.c.state == "running") & (jobs.c.lease_until <= _NOW)
# put together once: each worker asks fifty times a second
_ANY_WORK = sa.select(jobs.c.job_id).where(_IS_DUE | _IS_LOST).limit(1)
_LOST = sa.select(jobs.c.job_id).where(_IS_LOST)


def put(
    c: sa.Connection,
    kind: str,
    payload: Any,
    now: datetime,
    not_before: datetime | None = None,
    dedup: str | None = None,
    most_attempts: int = 3,
    limit_s: float = 3600.0,
) -> int:
    """Put a job into the queue; returns its number.

    Args:
        c: connection.
        kind: of `kinds`.
        payload: plain values.
        now: the moment.
        not_before: when it may begin; at once if not given.
        dedup: a job of the same word that waits, runs or is done is returned in place of a new one.
        most_attempts: before it is given up.
        limit_s: how long an attempt may take [s].
    """
    earlier = None if dedup is None else _standing(c, dedup)
    if earlier is not None:
        return earlier
    row = {
        "kind": kind,
        "payload": payload,
        "dedup": dedup,
        "state": "waiting",
        "put_at": now,
        "not_before": not_before or now,
        "attempts": 0,
        "most_attempts": most_attempts,
        "limit_s": limit_s,
        "token": 0,
    }
    job_id = c.execute(jobs.insert().values(row).returning(jobs.c.job_id)).scalar_one()
    events.tell(c, topic(job_id), "waiting", {}, now)
    return job_id


def has_work(c: sa.Connection, kinds: Sequence[str], now: datetime) -> bool:
    """Whether a claim could find something; only reads, so that workers that wait write nothing."""
    values = {"kinds": list(kinds), "now": now}
    return c.execute(_ANY_WORK, values).first() is not None


def claim(
    c: sa.Connection,
    worker: str,
    kinds: Sequence[str],
    now: datetime,
    lease_s: float = LEASE_S,
) -> Job | None:
    """The job that has waited longest of the most urgent kind, now this worker's; None if there is none.

    Args:
        c: connection.
        worker: its name.
        kinds: what it can do, the most urgent first.
        now: the moment.
        lease_s: how long it keeps the job without a heartbeat [s].
    """
    sweep(c, now)
    urgency = sa.case(
        {kind: place for place, kind in enumerate(kinds)}, value=jobs.c.kind
    )
    longest = jobs.select().where(_IS_DUE)
    longest = longest.order_by(urgency, jobs.c.not_before, jobs.c.job_id).limit(1)
    due = {"kinds": list(kinds), "now": now}
    row = c.execute(longest, due).one_or_none()
    if row is None:
        return None
    values = {
        "state": "running",
        "worker": worker,
        "attempts": row.attempts + 1,
        "token": row.token + 1,
        "begun_at": now,
        "lease_until": now + timedelta(seconds=lease_s),
    }
    _change(c, row.job_id, values, now)
    reach("queue: claimed")
    return get(c, row.job_id)


def beat(
    c: sa.Connection, token: Token, now: datetime, lease_s: float = LEASE_S
) -> None:
    """Extend the lease of a job.

    Raises:
        LateWorker: if the job went on without this worker.
    """
    require_newest(c, token)
    until = now + timedelta(seconds=lease_s)
    c.execute(_row(token.job_id).values(lease_until=until))


def finish(c: sa.Connection, token: Token, outcome: Outcome, now: datetime) -> State:
    """End an attempt, and with it the job unless it is to be tried again; returns its state.

    Raises:
        LateWorker: if the job went on without this worker; nothing of this transaction may stay then.
    """
    require_newest(c, token)
    reach("queue: before the end is written")
    job = get(c, token.job_id)
    if isinstance(outcome, Done):
        values = {"state": "done", "result": outcome.result, "reason": None}
    elif isinstance(outcome, Failed):
        values = {"state": "failed", "reason": outcome.reason}
    else:
        values = _again(job, outcome.reason, now)
    return _change(c, job.job_id, values, now)


def give_back(c: sa.Connection, token: Token, reason: str, now: datetime) -> None:
    """Let another worker begin a job anew at once; the attempt does not count, since the job is not to blame.

    Raises:
        LateWorker: if the job went on without this worker.
    """
    require_newest(c, token)
    attempts = get(c, token.job_id).attempts - 1
    values = {"state": "waiting", "attempts": attempts, "not_before": now}
    _change(c, token.job_id, {**values, "reason": reason}, now)


def cancel(c: sa.Connection, job_id: int, reason: str, now: datetime) -> Job:
    """Cancel a job that has not ended; its worker, if it has one, hears of it with the next heartbeat.

    Raises:
        UnknownJob: if there is none of this number.
    """
    job = get(c, job_id)
    if not job.has_ended:
        _change(c, job_id, {"state": "cancelled", "reason": reason}, now)
    return get(c, job_id)


def sweep(c: sa.Connection, now: datetime) -> list[Job]:
    """Take jobs from workers that are silent past their lease; returns those, waiting again or given up."""
    lost = c.execute(_LOST, {"now": now}).scalars().all()
    return _take_back(c, lost, "died or fell silent", now)


def bury(c: sa.Connection, worker: str, now: datetime) -> list[Job]:
    """Take the jobs of a worker that is known to be dead, before its lease runs out; returns those as `sweep` does."""
    is_theirs = (jobs.c.state == "running") & (jobs.c.worker == worker)
    of_worker = c.execute(sa.select(jobs.c.job_id).where(is_theirs)).scalars().all()
    return _take_back(c, of_worker, "died", now)


def get(c: sa.Connection, job_id: int) -> Job:
    """A job.

    Raises:
        UnknownJob: if there is none of this number.
    """
    statement = jobs.select().where(jobs.c.job_id == job_id)
    row = c.execute(statement).one_or_none()
    if row is None:
        raise UnknownJob(f"No job has the number {job_id}.")
    return read_job(row)


def counts(c: sa.Connection) -> dict[State, int]:
    """Number of jobs in each state that occurs."""
    statement = sa.select(jobs.c.state, sa.func.count().label("number")).group_by(
        jobs.c.state
    )
    rows = c.execute(statement).all()
    return {row.state: row.number for row in rows}


def topic(job_id: int) -> str:
    """Topic of the events of a job."""
    return f"jobs/{job_id}"


def _standing(c: sa.Connection, dedup: str) -> int | None:
    stands = jobs.c.state.in_(("waiting", "running", "done"))
    statement = sa.select(jobs.c.job_id).where(jobs.c.dedup == dedup, stands)
    return c.execute(statement).scalar_one_or_none()


def _take_back(
    c: sa.Connection, job_ids: Sequence[int], fate: str, now: datetime
) -> list[Job]:
    for job_id in job_ids:
        job = get(c, job_id)
        reason = f"worker {job.worker} {fate}"
        _change(c, job_id, _again(job, reason, now), now)
    return [get(c, job_id) for job_id in job_ids]


def _again(job: Job, reason: str, now: datetime) -> dict[str, Any]:
    """What changes when an attempt came to nothing."""
    if job.attempts >= job.most_attempts:
        return {"state": "gave_up", "reason": reason}
    pause_s = min(BACKOFF_S * 2 ** (job.attempts - 1), LONGEST_BACKOFF_S)
    not_before = now + timedelta(seconds=pause_s)
    return {"state": "waiting", "reason": reason, "not_before": not_before}


def _change(
    c: sa.Connection, job_id: int, values: dict[str, Any], now: datetime
) -> State:
    """Change a job, and tell those who watch it."""
    state = values["state"]
    ended_at = now if state in ENDED else None
    lease_until = values.get("lease_until")
    # whoever held it before holds it no more
    changed = {**values, "ended_at": ended_at, "lease_until": lease_until}
    c.execute(_row(job_id).values(changed))
    told = {name: values[name] for name in ("reason", "result") if name in values}
    events.tell(c, topic(job_id), state, told, now)
    return state


def _row(job_id: int) -> sa.Update:
    return jobs.update().where(jobs.c.job_id == job_id)
