"""`Job`: what is to be done and how far it is, and how an attempt at it may end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from tieline.service.store.fence import Token

State = Literal["waiting", "running", "done", "failed", "cancelled", "gave_up"]

ENDED: tuple[State, ...] = ("done", "failed", "cancelled", "gave_up")


@dataclass(frozen=True)
class Job:
    """A job as the table has it.

    Attributes:
        job_id: its number.
        kind: what is to be done, of `kinds`.
        payload: with what, as plain values.
        state: how far it is.
        attempts, most_attempts: how often it was begun, and may be.
        limit_s: how long one attempt may take [s].
        token: of its newest claim.
        worker: who has it or had it last.
        put_at, begun_at, ended_at: when; begun_at is of the last attempt.
        result: what came of it, once done.
        reason: why it failed, was cancelled, given up, or has to be tried again.
    """

    job_id: int
    kind: str
    payload: Any
    state: State
    attempts: int
    most_attempts: int
    limit_s: float
    token: Token
    worker: str | None
    put_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    result: Any
    reason: str | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ENDED


@dataclass(frozen=True)
class Done:
    """The job is done."""

    result: Any = None


@dataclass(frozen=True)
class Failed:
    """The job cannot be done; trying again would give the same."""

    reason: str


@dataclass(frozen=True)
class Again:
    """This attempt came to nothing; another may do better."""

    reason: str


Outcome = Done | Failed | Again


def read_job(row: sa.Row) -> Job:
    """The job of a row of the table."""
    values = dict(row._mapping)
    for name in ("dedup", "not_before", "lease_until"):
        del values[name]
    values["token"] = Token(row.job_id, row.token)
    return Job(**values)
