"""Markets, their intervals, and what was measured in them. An interval is known by the moment at which it starts."""

from __future__ import annotations

import sqlalchemy as sa

from tieline.service.store.tables.base import Moment, Number, Plain, metadata

markets = sa.Table(
    "markets",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("definition", Plain, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
)

intervals = sa.Table(
    "intervals",
    metadata,
    sa.Column("market", sa.Text, sa.ForeignKey(markets.c.name), primary_key=True),
    sa.Column("starts_at", Moment, primary_key=True),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("gate_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("closed_at", Moment),
    # one cell can name one revision only: never are two of them published
    sa.Column("published", sa.Integer),
    sa.CheckConstraint("state IN ('open', 'closed', 'cleared')", name="state"),
    sa.CheckConstraint("(state = 'cleared') = (published IS NOT NULL)", name="cleared"),
    sa.CheckConstraint("starts_at < ends_at", name="length"),
)
sa.Index("ix_intervals_gate", intervals.c.state, intervals.c.gate_at)

# added, never changed: a clearing is worked out anew from what was known at its gate
measurements = sa.Table(
    "measurements",
    metadata,
    sa.Column("measurement_id", Number, primary_key=True),
    sa.Column("market", sa.Text, nullable=False),
    sa.Column("starts_at", Moment, nullable=False),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("quantity", sa.Text, nullable=False),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("measured_by", sa.Text, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.ForeignKeyConstraint(
        ("market", "starts_at"), ("intervals.market", "intervals.starts_at")
    ),
    sqlite_autoincrement=True,
)
sa.Index("ix_measurements_interval", measurements.c.market, measurements.c.starts_at)
