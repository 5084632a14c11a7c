"""What a job runs, by the name of its kind.

A kind names a function `run(payload, desk) -> Answer` outside of any transaction. What it wants kept, it returns as `write`,
which the worker does in the transaction that ends the job: a worker that is late writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tieline.errors import InputError, unknown_name_message
from tieline.service.store.fence import Token

if TYPE_CHECKING:
    import sqlalchemy as sa

    from tieline.service.store import Store


@dataclass(frozen=True)
class Desk:
    """What a job may use while it runs.

    Attributes:
        store: to read from, and to tell events of how far it is.
        job_id: its number.
        token: with which results are published.
    """

    store: Store
    job_id: int
    token: Token


@dataclass(frozen=True)
class Answer:
    """What came of a job.

    Attributes:
        result: plain values, kept with the job.
        write: what else is to be kept, in the transaction that ends the job.
    """

    result: Any = None
    write: Callable[[sa.Connection], None] | None = None


Run = Callable[[Any, Desk], Answer]


NICENESS_OF_MARKETS = 5
"""Answers are due in milliseconds, a clearing in seconds: the web process goes first, with three times the share."""

NICENESS_OF_RUNS = 10
"""A run may take hours: clearings go first, too, with three times its share."""

PAUSE_OF_MARKETS_S = 0.02
"""A small part of the half second in which a minute is to be cleared."""

PAUSE_OF_RUNS_S = 0.1
"""A small part of the shortest run; a worker that waits takes a thirtieth of a processor with the pause of markets."""


@dataclass(frozen=True)
class Kind:
    """A kind of job.

    Attributes:
        name: of the kind.
        run: "module:function", loaded by the worker alone.
        warm: "module:function" of the store that makes ready what `run` needs, compiled; empty if nothing does.
        limit_s: how long an attempt may take [s].
        most_attempts: before a job is given up.
        niceness: of its worker to other processes of the machine, as `nice` has it: 0 is that of the web process, 19 the most.
        pause_s: between two looks of its worker at an empty queue [s].
    """

    name: str
    run: str
    warm: str = ""
    limit_s: float = 3600.0
    most_attempts: int = 3
    niceness: int = NICENESS_OF_RUNS
    pause_s: float = PAUSE_OF_RUNS_S

    def load(self) -> Run:
        """The function that runs it."""
        return _load(self.run)

    def warm_up(self, store: Store) -> None:
        """Make ready what it needs."""
        if self.warm:
            _load(self.warm)(store)


LONGEST_RUN_S = 24 * 3600.0
"""A year of hosting capacity on one machine is done overnight; what takes longer hangs."""

LONGEST_CLEARING_S = 600.0
"""A clearing that takes longer hangs: its deadline has passed long before, and the market goes on without it."""

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "clear",
            run="tieline.service.market.job:run",
            warm="tieline.service.market.job:warm_up",
            limit_s=LONGEST_CLEARING_S,
            most_attempts=2,
            niceness=NICENESS_OF_MARKETS,
            pause_s=PAUSE_OF_MARKETS_S,
        ),
        Kind(
            "revise",
            run="tieline.service.market.revise:run",
            warm="tieline.service.market.job:warm_up",
            limit_s=LONGEST_CLEARING_S,
            most_attempts=2,
            niceness=NICENESS_OF_MARKETS,
            pause_s=PAUSE_OF_MARKETS_S,
        ),
        Kind(
            "run",
            run="tieline.service.jobs.study_run:run",
            warm="tieline.service.jobs.study_run:warm_up",
            limit_s=LONGEST_RUN_S,
        ),
    )
}
"""All kinds there are, by name, the most urgent first. Named and not imported, so that the web process loads no study."""

OF_MARKETS = ("clear", "revise")
"""Kinds of a worker of markets: a clearing goes first, a revision has no deadline."""


def register(kind: Kind) -> None:
    """Add a kind, in every process that puts or runs such jobs."""
    KINDS[kind.name] = kind


def find_kind(name: str) -> Kind:
    """The kind of a name.

    Raises:
        InputError: if there is none.
    """
    if name not in KINDS:
        raise InputError(unknown_name_message("kind of job", name, KINDS))
    return KINDS[name]


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
