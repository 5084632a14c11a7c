"""The workers that the database knows: who they are, what they do, whether they are ready, when they were seen last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from tieline.service.jobs.queue import LEASE_S
from tieline.service.store.tables import workers


@dataclass(frozen=True)
class WorkerRow:
    """A worker as the database knows it; `ready_at` is None until what it computes with is compiled."""

    name: str
    kinds: list[str]
    started_at: datetime
    ready_at: datetime | None
    seen_at: datetime


def announce(c: sa.Connection, name: str, kinds: Sequence[str], now: datetime) -> None:
    """A worker has started."""
    leave(c, name)
    row = {"name": name, "kinds": list(kinds), "started_at": now, "seen_at": now}
    c.execute(workers.insert().values(row))


def ready(c: sa.Connection, name: str, now: datetime) -> None:
    """A worker has compiled what it needs."""
    c.execute(_row(name).values(ready_at=now, seen_at=now))


def seen(c: sa.Connection, name: str, now: datetime) -> None:
    """A worker gave a sign of life."""
    c.execute(_row(name).values(seen_at=now))


def leave(c: sa.Connection, name: str) -> None:
    """A worker has ended."""
    c.execute(workers.delete().where(workers.c.name == name))


def present(
    c: sa.Connection, now: datetime, silent_s: float = 3 * LEASE_S
) -> list[WorkerRow]:
    """Workers that gave a sign of life within `silent_s`, by name."""
    earliest = now - timedelta(seconds=silent_s)
    is_alive = workers.c.seen_at > earliest
    statement = workers.select().where(is_alive).order_by(workers.c.name)
    rows = c.execute(statement).mappings()
    return [WorkerRow(**row) for row in rows]


def ready_count(c: sa.Connection, now: datetime) -> int:
    """Workers that can take a job at once."""
    return sum(worker.ready_at is not None for worker in present(c, now))


def forget_silent(c: sa.Connection, now: datetime, silent_s: float) -> None:
    """Forget workers that have been silent for longer; those that died without a word."""
    limit = now - timedelta(seconds=silent_s)
    c.execute(workers.delete().where(workers.c.seen_at < limit))


def _row(name: str) -> sa.Update:
    return workers.update().where(workers.c.name == name)
