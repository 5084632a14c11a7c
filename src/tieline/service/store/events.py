"""What happened, by topic, in the order in which it was committed: numbers only grow, and none appears behind a later one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tieline.service.store.tables import events

MOST = 1000
"""Events that one question brings; ask again behind the last of them."""


@dataclass(frozen=True)
class Event:
    """Something that happened."""

    event_id: int
    topic: str
    kind: str
    payload: Any
    told_at: datetime


def tell(c: sa.Connection, topic: str, kind: str, payload: Any, now: datetime) -> int:
    """Add an event in the transaction of what it tells of; returns its number."""
    row = {"topic": topic, "kind": kind, "payload": payload, "told_at": now}
    return c.execute(
        events.insert().values(row).returning(events.c.event_id)
    ).scalar_one()


def since(
    c: sa.Connection, topic: str, last_id: int = 0, most: int = MOST
) -> list[Event]:
    """Events of a topic behind number `last_id`, oldest first."""
    statement = (
        events.select()
        .where(events.c.topic == topic, events.c.event_id > last_id)
        .order_by(events.c.event_id)
        .limit(most)
    )
    return [Event(**row) for row in c.execute(statement).mappings()]


def newest(c: sa.Connection, topic: str) -> int:
    """Number of the newest event of a topic; 0 if there is none."""
    statement = sa.select(sa.func.max(events.c.event_id))
    return c.execute(statement.where(events.c.topic == topic)).scalar() or 0
