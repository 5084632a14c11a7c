"""`Token`: the right to end a job, which goes over to the next worker when a lease runs out.

A worker that was stopped past its lease does not know it. Its token is older than the job's, so whatever it writes with it is
refused in the same transaction.

Source: M. Kleppmann, Designing Data-Intensive Applications, 2017, chapter 8, "Fencing tokens".
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from tieline.service.store.refusals import LateWorker
from tieline.service.store.tables import jobs


@dataclass(frozen=True)
class Token:
    """The number of a claim of a job."""

    job_id: int
    number: int


def require_newest(c: sa.Connection, token: Token) -> None:
    """Raise `LateWorker` unless the job runs and this is its newest token."""
    statement = sa.select(jobs.c.state, jobs.c.token)
    row = c.execute(statement.where(jobs.c.job_id == token.job_id)).one_or_none()
    if row is None or tuple(row) != ("running", token.number):
        state = "gone" if row is None else row.state
        raise LateWorker(
            f"Job {token.job_id} went on without this worker (it is {state}): nothing of it is kept."
        )
