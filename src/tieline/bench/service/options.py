"""What the benchmark of the service can be asked. Imports nothing heavy: the command line names the flags in its help."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions


class Options(BenchOptions):
    """How much is played."""

    rounds: int = Field(
        default=40,
        ge=0,
        le=MOST,
        description="Crash rounds on SQLite; about a second each.",
    )
    postgresql_rounds: int = Field(
        default=0,
        ge=0,
        le=MOST,
        description="Crash rounds on PostgreSQL; needs --postgresql.",
    )
    postgresql: str | None = Field(
        default=None,
        description="Address of an empty PostgreSQL database for them: postgresql://USER@HOST/NAME. They fill it with bids.",
    )
    lanes: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Databases that are played at the same time: most of a round is waiting.",
    )
    keep_rounds: Path | None = Field(
        default=None,
        description="JSON file to write the rounds to, for a page that is put together later.",
    )
    rounds_from: Path | None = Field(
        default=None,
        description="File of --keep-rounds: its rounds are told in place of new ones, if this version played them.",
    )
    minutes: int = Field(
        default=10,
        ge=0,
        le=1000,
        description="Minutes of the 123-node feeder that are timed from gate to dispatch; 0: none.",
    )
    bids: int = Field(
        default=1000, ge=1, le=10_000, description="Bids in each of these minutes."
    )
    decisions: int = Field(
        default=50,
        ge=0,
        le=10_000,
        description="Decisions of each kind that are timed, of the published cases; 0: none.",
    )
    load_rate: int = Field(
        default=200,
        ge=1,
        le=10_000,
        description="Bids a second that a served market gets from other processes.",
    )
    load_seconds: int = Field(
        default=60,
        ge=0,
        le=86_400,
        description="For how long [s]; 0: not at all.",
    )
    load_participants: int = Field(
        default=1000, ge=1, le=10_000, description="Participants that bid then."
    )
    load_runs: int = Field(
        default=100,
        ge=0,
        le=200,
        description="Runs that are put into the queue of that service at once, while bids go on at a tenth of the rate; 0: none.",
    )
    seed: int = Field(default=0, ge=0, le=MOST, description="Of faults and bids.")
