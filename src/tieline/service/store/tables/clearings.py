"""What came of an interval: clearings by revision, each with its dispatch, prices, settlement and the fate of every bid."""

from __future__ import annotations

import sqlalchemy as sa

from tieline.service.store.tables.base import Moment, Number, Plain, metadata
from tieline.service.store.tables.bids import bids


def _of_a_clearing(*columns: sa.Column, keys: tuple[str, ...]) -> list:
    """Columns of a table that hangs on a clearing: its key, and within it those of `keys`."""
    whose = ("market", "starts_at", "revision")
    return [
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(*whose, *keys),
        sa.ForeignKeyConstraint(whose, [f"clearings.{name}" for name in whose]),
    ]


clearings = sa.Table(
    "clearings",
    metadata,
    sa.Column("market", sa.Text, primary_key=True),
    sa.Column("starts_at", Moment, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    # of the book that was cleared, and of what came of it: both can be worked out anew from the ledger
    sa.Column("book_digest", sa.Text, nullable=False),
    sa.Column("outcome_digest", sa.Text, nullable=False),
    sa.Column("facts", Plain, nullable=False),
    # what the next interval begins with, and which clearing left what this one began with: interval and revision
    sa.Column("state", sa.LargeBinary),
    sa.Column("began_from", Moment),
    sa.Column("began_revision", sa.Integer, nullable=False, server_default="1"),
    sa.Column("job_id", Number),
    sa.Column("published_at", Moment, nullable=False),
    sa.CheckConstraint("status IN ('cleared', 'fallback', 'unmet')", name="status"),
    sa.CheckConstraint("status = 'cleared' OR reason <> ''", name="reason"),
    sa.ForeignKeyConstraint(
        ("market", "starts_at"), ("intervals.market", "intervals.starts_at")
    ),
)

dispatch = sa.Table(
    "dispatch",
    metadata,
    *_of_a_clearing(
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("participant", sa.Text, nullable=False),
        sa.Column("p_charge_kw", sa.Double, nullable=False),
        sa.Column("p_discharge_kw", sa.Double, nullable=False),
        keys=("device",),
    ),
    sa.CheckConstraint("p_charge_kw >= 0 AND p_discharge_kw >= 0", name="signs"),
)

prices = sa.Table(
    "prices",
    metadata,
    *_of_a_clearing(
        sa.Column("bus", sa.Text, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("v_pu", sa.Double, nullable=False),
        sa.Column("energy", sa.Double, nullable=False),
        sa.Column("loss", sa.Double, nullable=False),
        sa.Column("voltage", sa.Double, nullable=False),
        sa.Column("congestion", sa.Double, nullable=False),
        keys=("bus", "phase"),
    ),
)

settlement = sa.Table(
    "settlement",
    metadata,
    *_of_a_clearing(
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("participant", sa.Text, nullable=False),
        sa.Column("energy_kwh", sa.Double, nullable=False),
        sa.Column("cents", sa.BigInteger, nullable=False),
        keys=("account", "what"),
    ),
)

fates = sa.Table(
    "fates",
    metadata,
    *_of_a_clearing(
        sa.Column("bid_id", Number, sa.ForeignKey(bids.c.bid_id), nullable=False),
        sa.Column("fate", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("blocks", Plain, nullable=False),
        keys=("bid_id",),
    ),
    sa.CheckConstraint("fate IN ('cleared', 'rejected')", name="fate"),
    sa.CheckConstraint("fate = 'cleared' OR reason <> ''", name="reason"),
)
