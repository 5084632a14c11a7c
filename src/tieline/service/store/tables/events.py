"""What happened, in order, for who watches; and the latest moment that the database has seen."""

from __future__ import annotations

import sqlalchemy as sa

from tieline.service.store.tables.base import Moment, Number, Plain, metadata

events = sa.Table(
    "events",
    metadata,
    sa.Column("event_id", Number, primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", Plain, nullable=False),
    sa.Column("told_at", Moment, nullable=False),
    # a number is never used again, so that a reader who was away misses nothing
    sqlite_autoincrement=True,
)
sa.Index("ix_events_topic", events.c.topic, events.c.event_id)

clock = sa.Table(
    "clock",
    metadata,
    sa.Column("row_id", sa.Integer, primary_key=True),
    sa.Column("latest", Moment, nullable=False),
    sa.CheckConstraint("row_id = 1", name="one_row"),
)
