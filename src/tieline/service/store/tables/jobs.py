"""Jobs with their leases, and the workers that do them."""

from __future__ import annotations

import sqlalchemy as sa

from tieline.service.store.tables.base import Moment, Number, Plain, metadata

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("job_id", Number, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", Plain, nullable=False),
    sa.Column("dedup", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("put_at", Moment, nullable=False),
    sa.Column("not_before", Moment, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("most_attempts", sa.Integer, nullable=False),
    sa.Column("limit_s", sa.Double, nullable=False),
    # counts the claims: only the bearer of the newest one may end the job
    sa.Column("token", sa.Integer, nullable=False),
    sa.Column("worker", sa.Text),
    sa.Column("lease_until", Moment),
    sa.Column("begun_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("result", Plain),
    sa.Column("reason", sa.Text),
    sa.CheckConstraint(
        "state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'gave_up')",
        name="state",
    ),
    sqlite_autoincrement=True,
)
sa.Index(
    "ix_jobs_open",
    jobs.c.state,
    jobs.c.not_before,
    sqlite_where=sa.text("state IN ('waiting', 'running')"),
    postgresql_where=sa.text("state IN ('waiting', 'running')"),
)
# a question that failed may be asked again; one that waits, runs or was answered is asked once
sa.Index(
    "uq_jobs_dedup",
    jobs.c.dedup,
    unique=True,
    sqlite_where=sa.text("state IN ('waiting', 'running', 'done')"),
    postgresql_where=sa.text("state IN ('waiting', 'running', 'done')"),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("kinds", Plain, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    # empty until what it computes with is compiled
    sa.Column("ready_at", Moment),
    sa.Column("seen_at", Moment, nullable=False),
)
