"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tieline.service.store.migrations.append_only import forbid_changes

revision = "0001"
down_revision = None

Moment = sa.BigInteger
# as in `tables.base`, which may change while this step stays what it is
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KEPT = (
    "bids",
    "measurements",
    "clearings",
    "dispatch",
    "prices",
    "settlement",
    "fates",
)
"""Tables to which rows are only added."""


def upgrade() -> None:
    """Make the tables in the order in which they point at each other."""
    _participants()
    _keys()
    _answers()
    _jobs()
    _workers()
    _runs()
    _events()
    _clock()
    _markets()
    _intervals()
    _measurements()
    _bids()
    _clearings()
    _dispatch()
    _prices()
    _settlement()
    _fates()
    op.execute("INSERT INTO clock (row_id, latest) VALUES (1, 0)")
    for table in KEPT:
        forbid_changes(table)


def _participants() -> None:
    op.create_table(
        "participants",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.CheckConstraint(
            "role IN ('participant', 'operator', 'reader')", name="role"
        ),
        sa.PrimaryKeyConstraint("name", name="pk_participants"),
    )


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("participant", sa.Text, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=True),
        sa.Column("revoked_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["participant"], ["participants.name"], name="fk_keys_participant"
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_keys"),
    )


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("participant", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_digest", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("kept_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("participant", "idempotency_key", name="pk_answers"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("job_id", Number, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("dedup", sa.Text, nullable=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("put_at", Moment, nullable=False),
        sa.Column("not_before", Moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("most_attempts", sa.Integer, nullable=False),
        sa.Column("limit_s", sa.Double, nullable=False),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text, nullable=True),
        sa.Column("lease_until", Moment, nullable=True),
        sa.Column("begun_at", Moment, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("result", sa.Text, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'gave_up')",
            name="state",
        ),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["state", "not_before"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'running')"),
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_index(
        "uq_jobs_dedup",
        "jobs",
        ["dedup"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'running', 'done')"),
        postgresql_where=sa.text("state IN ('waiting', 'running', 'done')"),
    )


def _workers() -> None:
    op.create_table(
        "workers",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("ready_at", Moment, nullable=True),
        sa.Column("seen_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("study", sa.Text, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("feeder", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("job_id", Number, nullable=False),
        sa.Column("folder", sa.Text, nullable=True),
        sa.Column("result_digest", sa.Text, nullable=True),
        sa.Column("metrics", sa.Text, nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], name="fk_runs_job_id"),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("event_id", Number, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("told_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_topic", "events", ["topic", "event_id"], unique=False)


def _clock() -> None:
    op.create_table(
        "clock",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("latest", Moment, nullable=False),
        sa.CheckConstraint("row_id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("row_id", name="pk_clock"),
    )


def _markets() -> None:
    op.create_table(
        "markets",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_markets"),
    )


def _intervals() -> None:
    op.create_table(
        "intervals",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.Column("gate_at", Moment, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("closed_at", Moment, nullable=True),
        sa.Column("published", sa.Integer, nullable=True),
        sa.CheckConstraint(
            "(state = 'cleared') = (published IS NOT NULL)", name="cleared"
        ),
        sa.CheckConstraint("state IN ('open', 'closed', 'cleared')", name="state"),
        sa.CheckConstraint("starts_at < ends_at", name="length"),
        sa.ForeignKeyConstraint(
            ["market"], ["markets.name"], name="fk_intervals_market"
        ),
        sa.PrimaryKeyConstraint("market", "starts_at", name="pk_intervals"),
    )
    op.create_index(
        "ix_intervals_gate", "intervals", ["state", "gate_at"], unique=False
    )


def _measurements() -> None:
    op.create_table(
        "measurements",
        sa.Column("measurement_id", Number, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("quantity", sa.Text, nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("measured_by", sa.Text, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["market", "starts_at"],
            ["intervals.market", "intervals.starts_at"],
            name="fk_measurements_market_starts_at",
        ),
        sa.PrimaryKeyConstraint("measurement_id", name="pk_measurements"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_measurements_interval",
        "measurements",
        ["market", "starts_at"],
        unique=False,
    )


def _bids() -> None:
    op.create_table(
        "bids",
        sa.Column("bid_id", Number, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("participant", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("offers", sa.Text, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.CheckConstraint("act IN ('place', 'replace', 'withdraw')", name="act"),
        sa.ForeignKeyConstraint(
            ["market", "starts_at"],
            ["intervals.market", "intervals.starts_at"],
            name="fk_bids_market_starts_at",
        ),
        sa.ForeignKeyConstraint(
            ["participant"], ["participants.name"], name="fk_bids_participant"
        ),
        sa.PrimaryKeyConstraint("bid_id", name="pk_bids"),
        sa.UniqueConstraint(
            "market",
            "starts_at",
            "participant",
            "revision",
            name="uq_bids_market_starts_at_participant_revision",
        ),
        sqlite_autoincrement=True,
    )


def _clearings() -> None:
    op.create_table(
        "clearings",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("revision", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("book_digest", sa.Text, nullable=False),
        sa.Column("outcome_digest", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=True),
        sa.Column("began_from", Moment, nullable=True),
        sa.Column("job_id", Number, nullable=True),
        sa.Column("published_at", Moment, nullable=False),
        sa.CheckConstraint("status IN ('cleared', 'fallback', 'unmet')", name="status"),
        sa.CheckConstraint("status = 'cleared' OR reason <> ''", name="reason"),
        sa.ForeignKeyConstraint(
            ["market", "starts_at"],
            ["intervals.market", "intervals.starts_at"],
            name="fk_clearings_market_starts_at",
        ),
        sa.PrimaryKeyConstraint("market", "starts_at", "revision", name="pk_clearings"),
    )


def _dispatch() -> None:
    op.create_table(
        "dispatch",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("participant", sa.Text, nullable=False),
        sa.Column("p_charge_kw", sa.Double, nullable=False),
        sa.Column("p_discharge_kw", sa.Double, nullable=False),
        sa.CheckConstraint("p_charge_kw >= 0 AND p_discharge_kw >= 0", name="signs"),
        sa.ForeignKeyConstraint(
            ["market", "starts_at", "revision"],
            ["clearings.market", "clearings.starts_at", "clearings.revision"],
            name="fk_dispatch_market_starts_at_revision",
        ),
        sa.PrimaryKeyConstraint(
            "market", "starts_at", "revision", "device", name="pk_dispatch"
        ),
    )


def _prices() -> None:
    op.create_table(
        "prices",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("bus", sa.Text, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("v_pu", sa.Double, nullable=False),
        sa.Column("energy", sa.Double, nullable=False),
        sa.Column("loss", sa.Double, nullable=False),
        sa.Column("voltage", sa.Double, nullable=False),
        sa.Column("congestion", sa.Double, nullable=False),
        sa.ForeignKeyConstraint(
            ["market", "starts_at", "revision"],
            ["clearings.market", "clearings.starts_at", "clearings.revision"],
            name="fk_prices_market_starts_at_revision",
        ),
        sa.PrimaryKeyConstraint(
            "market", "starts_at", "revision", "bus", "phase", name="pk_prices"
        ),
    )


def _settlement() -> None:
    op.create_table(
        "settlement",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("participant", sa.Text, nullable=False),
        sa.Column("energy_kwh", sa.Double, nullable=False),
        sa.Column("cents", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["market", "starts_at", "revision"],
            ["clearings.market", "clearings.starts_at", "clearings.revision"],
            name="fk_settlement_market_starts_at_revision",
        ),
        sa.PrimaryKeyConstraint(
            "market", "starts_at", "revision", "account", "what", name="pk_settlement"
        ),
    )


def _fates() -> None:
    op.create_table(
        "fates",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("bid_id", Number, nullable=False),
        sa.Column("fate", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("blocks", sa.Text, nullable=False),
        sa.CheckConstraint("fate = 'cleared' OR reason <> ''", name="reason"),
        sa.CheckConstraint("fate IN ('cleared', 'rejected')", name="fate"),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.bid_id"], name="fk_fates_bid_id"),
        sa.ForeignKeyConstraint(
            ["market", "starts_at", "revision"],
            ["clearings.market", "clearings.starts_at", "clearings.revision"],
            name="fk_fates_market_starts_at_revision",
        ),
        sa.PrimaryKeyConstraint(
            "market", "starts_at", "revision", "bid_id", name="pk_fates"
        ),
    )
