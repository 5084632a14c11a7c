"""The ledger of bids: rows are added, never changed or removed; triggers of the migration hold that in the database itself."""

from __future__ import annotations

import sqlalchemy as sa

from tieline.service.store.tables.base import Moment, Number, Plain, metadata
from tieline.service.store.tables.people import participants

bids = sa.Table(
    "bids",
    metadata,
    sa.Column("bid_id", Number, primary_key=True),
    sa.Column("market", sa.Text, nullable=False),
    sa.Column("starts_at", Moment, nullable=False),
    sa.Column(
        "participant", sa.Text, sa.ForeignKey(participants.c.name), nullable=False
    ),
    # 1, 2, ... of this participant in this interval
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("offers", Plain, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.ForeignKeyConstraint(
        ("market", "starts_at"), ("intervals.market", "intervals.starts_at")
    ),
    sa.UniqueConstraint("market", "starts_at", "participant", "revision"),
    sa.CheckConstraint("act IN ('place', 'replace', 'withdraw')", name="act"),
    sqlite_autoincrement=True,
)
