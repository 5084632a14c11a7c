"""Studies that were asked for; their tables stay in the run's folder, here is where it is and what is in it."""

from __future__ import annotations

import sqlalchemy as sa

from tieline.service.store.tables.base import Moment, Number, Plain, metadata
from tieline.service.store.tables.jobs import jobs

runs = sa.Table(
    "runs",
    metadata,
    # digest of study, configuration, feeder, version and seed
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("study", sa.Text, nullable=False),
    sa.Column("config", Plain, nullable=False),
    sa.Column("feeder", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("job_id", Number, sa.ForeignKey(jobs.c.job_id), nullable=False),
    sa.Column("folder", sa.Text),
    # SHA-256 of its result.json, which in turn lists every other file with its own
    sa.Column("result_digest", sa.Text),
    sa.Column("metrics", Plain),
)
