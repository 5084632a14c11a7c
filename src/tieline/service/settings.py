"""`ServiceSettings`: where the service runs, what it may read, and how much it takes from one caller.

This file imports nothing heavy: the command line makes its flags of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from tieline.settings import Settings

HOME = "tieline-service"
"""Folder of a service that was given none, in the folder where it is started."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ServiceSettings(Settings):
    """Settings of `tieline serve`; the flags carry the same names."""

    home: str = Field(
        default=HOME,
        description="Folder of the service: runs, feeders as they were asked about, and the database, unless it has a URL.",
    )
    database: str | None = Field(
        default=None,
        description="URL of the database, like postgresql://user@host/name; a SQLite file in the service's folder if not given.",
    )
    files: str | None = Field(
        default=None,
        description="Folder with feeders and tables of your own that runs may name; no other file is read, none if not given.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address to listen at; only this machine reaches the default.",
    )
    port: int = Field(
        default=8010, ge=0, le=65535, description="Port to listen at; 0 takes any."
    )
    market: str | None = Field(
        default=None,
        description="File of a market to run (TOML); it is kept in the database under its name.",
    )
    demo: bool = Field(
        default=False,
        description="Run a market to look at: the published case of the 123-node feeder, a day in 24 minutes, without a key.",
    )
    simulate: float | None = Field(
        default=None,
        ge=1,
        le=600,
        description="Play participants and meters of the market from a drawn day, so many times faster than the clock.",
    )
    read_without_key: bool = Field(
        default=False,
        description="Show markets and runs to who has no key, on this machine only.",
    )
    workers: int = Field(
        default=1,
        ge=0,
        le=256,
        description="Worker processes on this machine; 0 where `tieline worker` runs elsewhere.",
    )
    body_kb: int = Field(
        default=1024,
        ge=1,
        le=100_000,
        description="Largest body of a request [kB]; a bid of 1000 devices has about 100.",
    )
    per_second: float = Field(
        default=50.0,
        gt=0,
        description="Requests a second that one key may make over time; twice as many at once.",
    )
    waiting_runs: int = Field(
        default=200,
        ge=1,
        description="Unfinished runs that one key may have.",
    )
    streams: int = Field(
        default=200,
        ge=1,
        description="Event streams that are open at once, of all callers.",
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        if self.demo and self.market is not None:
            yield "demo and market are two markets: give one of them"
        if self.simulate is not None and not self.has_market:
            yield "simulate plays a market: give market or demo too"
        if self.demo and not self.is_loopback:
            yield f"demo shows its market to everybody who reaches {self.host}. Listen at 127.0.0.1"
        if self.read_without_key and not self.is_loopback:
            yield (
                f"read_without_key shows bids and runs to everybody who reaches {self.host}. Leave it out, or listen at 127.0.0.1"
            )

    @property
    def has_market(self) -> bool:
        """Whether a market is asked for."""
        return self.demo or self.market is not None

    @property
    def shows_without_key(self) -> bool:
        """Whether markets and runs are shown to who has no key."""
        return self.demo or self.read_without_key

    @property
    def folder(self) -> Path:
        """The folder of the service."""
        return Path(self.home).absolute()

    @property
    def database_url(self) -> str:
        """URL of the database."""
        return self.database or f"sqlite:///{self.folder / 'tieline.sqlite'}"

    @property
    def files_folder(self) -> Path | None:
        """Folder of own feeders and tables, links followed; None: none may be named."""
        if self.files is None:
            return None
        return Path(self.files).resolve()

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches the service."""
        return self.host in LOOPBACK
