"""Revisions of a clearing that an operator asks for, and from which revision a clearing began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tieline.service.store.migrations.append_only import forbid_changes

revision = "0002"
down_revision = "0001"

Moment = sa.BigInteger
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table and the column; what is there stays as it was written."""
    _revision_requests()
    forbid_changes("revision_requests")
    # no interval was cleared twice before, so that every clearing began from a first one; and a worker of the version before,
    # which goes on while this one starts, leaves the column out
    column = sa.Column("began_revision", sa.Integer, nullable=False, server_default="1")
    op.add_column("clearings", column)


def _revision_requests() -> None:
    op.create_table(
        "revision_requests",
        sa.Column("request_id", Number, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("job_id", Number, nullable=False),
        sa.CheckConstraint("reason <> ''", name="reason"),
        sa.ForeignKeyConstraint(
            ["market", "starts_at"],
            ["intervals.market", "intervals.starts_at"],
            name="fk_revision_requests_market_starts_at",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.job_id"], name="fk_revision_requests_job_id"
        ),
        sa.PrimaryKeyConstraint("request_id", name="pk_revision_requests"),
        sa.UniqueConstraint("job_id", name="uq_revision_requests_job_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_revision_requests_interval",
        "revision_requests",
        ["market", "starts_at"],
        unique=False,
    )
