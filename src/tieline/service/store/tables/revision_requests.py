"""What operators asked to be cleared again, and why. Rows are added, never changed or removed: how far one is its job says."""

from __future__ import annotations

import sqlalchemy as sa

from tieline.service.store.tables.base import Moment, Number, metadata
from tieline.service.store.tables.jobs import jobs

revision_requests = sa.Table(
    "revision_requests",
    metadata,
    sa.Column("request_id", Number, primary_key=True),
    sa.Column("market", sa.Text, nullable=False),
    sa.Column("starts_at", Moment, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    # measurements that came up to then count in the revision
    sa.Column("asked_at", Moment, nullable=False),
    # the clearing that came of it names the same job
    sa.Column("job_id", Number, sa.ForeignKey(jobs.c.job_id), nullable=False),
    sa.ForeignKeyConstraint(
        ("market", "starts_at"), ("intervals.market", "intervals.starts_at")
    ),
    sa.UniqueConstraint("job_id"),
    sa.CheckConstraint("reason <> ''", name="reason"),
    sqlite_autoincrement=True,
)
sa.Index(
    "ix_revision_requests_interval",
    revision_requests.c.market,
    revision_requests.c.starts_at,
)
