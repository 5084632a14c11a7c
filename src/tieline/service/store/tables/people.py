"""Who may use the service: participants, the digests of their keys, and the answers kept for repeated requests."""

from __future__ import annotations

import sqlalchemy as sa

from tieline.service.store.tables.base import Moment, Plain, metadata

participants = sa.Table(
    "participants",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.CheckConstraint("role IN ('participant', 'operator', 'reader')", name="role"),
)

keys = sa.Table(
    "keys",
    metadata,
    # SHA-256 of the key: whoever reads the database cannot use it
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column(
        "participant", sa.Text, sa.ForeignKey(participants.c.name), nullable=False
    ),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("revoked_at", Moment),
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("idempotency_key", sa.Text, primary_key=True),
    sa.Column("request_digest", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("body", Plain, nullable=False),
    sa.Column("kept_at", Moment, nullable=False),
)
