"""Studies that were asked for. A run's tables are Parquet files in its folder; here stand question, place and digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tieline.files import digest_of
from tieline.service.store.refusals import UnknownRun
from tieline.service.store.tables import jobs, runs


@dataclass(frozen=True)
class RunQuestion:
    """What a run answers; the same question has the same id, so that it is asked once.

    Attributes:
        study: its name.
        config: all its values, the seed among them, as plain values.
        feeder: its name or where it was read from.
        feeder_digest: SHA-256 of its content.
        version: of tieline.
        inputs: SHA-256 of the tables and policies that the configuration names, by file: a name may hold something else tomorrow.
    """

    study: str
    config: Mapping[str, Any]
    feeder: str
    feeder_digest: str
    version: str
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """Digest of all of it."""
        question = {
            "study": self.study,
            "config": dict(self.config),
            "feeder": self.feeder_digest,
            "version": self.version,
            "inputs": dict(self.inputs),
        }
        return digest_of(question)


@dataclass(frozen=True)
class Run:
    """A run and how far it is: `state` and `reason` are those of its newest job."""

    run_id: str
    study: str
    config: dict[str, Any]
    feeder: str
    version: str
    asked_by: str
    asked_at: datetime
    job_id: int
    folder: str | None
    result_digest: str | None
    metrics: dict[str, Any] | None
    state: str
    reason: str | None
    begun_at: datetime | None
    ended_at: datetime | None


def ask(
    c: sa.Connection, question: RunQuestion, job_id: int, asked_by: str, now: datetime
) -> str:
    """Note a run whose job was put into the queue; a run that failed before gets the new job. Returns the run's id."""
    run_id = question.run_id
    if _find(c, run_id) is not None:
        c.execute(_row(run_id).values(job_id=job_id))
        return run_id
    row = {
        "run_id": run_id,
        "study": question.study,
        "config": dict(question.config),
        "feeder": question.feeder,
        "version": question.version,
        "asked_by": asked_by,
        "asked_at": now,
        "job_id": job_id,
    }
    c.execute(runs.insert().values(row))
    return run_id


def keep_result(
    c: sa.Connection,
    run_id: str,
    folder: str,
    result_digest: str,
    metrics: Mapping[str, Any],
) -> None:
    """Note where the answer of a run is, in the transaction that ends its job."""
    values = {"folder": folder, "result_digest": result_digest}
    c.execute(_row(run_id).values(**values, metrics=dict(metrics)))


def get(c: sa.Connection, run_id: str) -> Run:
    """A run.

    Raises:
        UnknownRun: if there is none of this id.
    """
    run = _find(c, run_id)
    if run is None:
        raise UnknownRun(f"No run has the id '{run_id}'. Ask for the list of runs.")
    return run


def newest(c: sa.Connection, most: int = 100, asked_by: str | None = None) -> list[Run]:
    """The runs that were asked for last, the newest first; of one who asked, if given."""
    statement = _select().order_by(runs.c.asked_at.desc(), runs.c.run_id).limit(most)
    if asked_by is not None:
        statement = statement.where(runs.c.asked_by == asked_by)
    return [Run(**row) for row in c.execute(statement).mappings()]


def unfinished(c: sa.Connection, asked_by: str) -> int:
    """Number of runs of one who asked that wait or are worked on."""
    statement = sa.select(sa.func.count()).select_from(_with_jobs())
    is_theirs = runs.c.asked_by == asked_by
    is_open = jobs.c.state.in_(("waiting", "running"))
    return c.execute(statement.where(is_theirs & is_open)).scalar_one()


def counts(c: sa.Connection) -> dict[str, int]:
    """Number of runs in each state that occurs."""
    number = sa.func.count().label("number")
    statement = sa.select(jobs.c.state, number).select_from(_with_jobs())
    rows = c.execute(statement.group_by(jobs.c.state).order_by(jobs.c.state))
    return {row.state: row.number for row in rows}


def _find(c: sa.Connection, run_id: str) -> Run | None:
    row = c.execute(_select().where(runs.c.run_id == run_id)).mappings().one_or_none()
    return None if row is None else Run(**row)


def _select() -> sa.Select:
    of_job = (jobs.c.state, jobs.c.reason, jobs.c.begun_at, jobs.c.ended_at)
    return sa.select(runs, *of_job).select_from(_with_jobs())


def _with_jobs() -> sa.Join:
    """Runs, each with its newest job."""
    return runs.join(jobs, runs.c.job_id == jobs.c.job_id)


def _row(run_id: str) -> sa.Update:
    return runs.update().where(runs.c.run_id == run_id)
