"""One run of the benchmark: crash rounds on SQLite and PostgreSQL, counted by what befell the processes; minutes; a load."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from tieline.bench.kit.options import flag_name
from tieline.bench.service import kept_rounds
from tieline.bench.service.decisions import DecisionTimes, measure_decisions
from tieline.bench.service.kept_rounds import Origin
from tieline.bench.service.load.bids import LoadTimes
from tieline.bench.service.load.measure import measure_under_load
from tieline.bench.service.load.queued_runs import QueueTimes
from tieline.bench.service.load.served import require_proc
from tieline.bench.service.minute import MinuteTimes, measure_minutes
from tieline.bench.service.options import Options
from tieline.bench.service.rounds import RoundRecord, play_rounds
from tieline.errors import InputError
from tieline.files import require_writable

Tell = Callable[[str], None]

SHOWN_PROBLEMS = 20
"""Sentences about what was not as promised that a page holds."""


@dataclass(frozen=True)
class FaultCount:
    """Rounds with one fault on one database.

    Attributes:
        database: "SQLite" or "PostgreSQL".
        fault: in words.
        rounds: in which it was to befall a process.
        befallen: in which it did.
        violated: in which something was not as promised.
    """

    database: str
    fault: str
    rounds: int
    befallen: int
    violated: int


@dataclass(frozen=True)
class ServiceMeasurement:
    """What was counted.

    Attributes:
        faults: a row per database and fault.
        acknowledged: bids that were acknowledged, by database.
        problems: the first sentences about what was not as promised; empty if all was.
        wall_s: how long it took.
        minutes: times of minutes with many bids; None if none were asked for.
        decisions: times of decisions, by what is decided; empty if none were asked for.
        load: of a served market that is bid in at a rate; None if it was not asked for.
        queue: of runs that waited in the queue of that service; None if there were none.
        rounds_origin: where the rounds come from; None if they were played now.
    """

    faults: tuple[FaultCount, ...]
    acknowledged: dict[str, int]
    problems: tuple[str, ...]
    wall_s: float
    minutes: MinuteTimes | None = None
    decisions: tuple[DecisionTimes, ...] = ()
    load: LoadTimes | None = None
    queue: QueueTimes | None = None
    rounds_origin: Origin | None = None

    def to_json(self) -> dict[str, Any]:
        """All of it as plain dictionaries."""
        return asdict(self)


def measure(options: Options, tell: Tell = lambda _: None) -> ServiceMeasurement:
    """Play the rounds that are asked for.

    Args:
        options: how many, and where.
        tell: is told how far it is.

    Raises:
        InputError: if rounds on PostgreSQL are asked for without its address, or a load where there is no /proc; if rounds can
            neither be read nor kept.
    """
    _require_means(options)
    began_s = time.perf_counter()
    records, rounds_origin = _rounds(options, tell)
    minutes = None
    if options.minutes:
        tell(f"{options.minutes} minutes with {options.bids} bids")
        minutes = measure_minutes(options.minutes, options.bids, options.seed)
    decisions: tuple[DecisionTimes, ...] = ()
    if options.decisions:
        tell(f"{options.decisions} decisions of each kind")
        decisions = measure_decisions(options.decisions)
    load, queue = measure_under_load(
        options.load_rate,
        options.load_seconds,
        options.load_participants,
        options.load_runs,
        options.seed,
        tell,
    )
    problems = [
        f"{record.fault}: {problem}"
        for of_database in records.values()
        for record in of_database
        for problem in record.problems
    ]
    return ServiceMeasurement(
        faults=tuple(_count(records)),
        acknowledged={
            name: sum(record.acknowledged for record in of_database)
            for name, of_database in records.items()
        },
        problems=tuple(problems[:SHOWN_PROBLEMS]),
        wall_s=round(time.perf_counter() - began_s, 1),
        minutes=minutes,
        decisions=decisions,
        load=load,
        queue=queue,
        rounds_origin=rounds_origin,
    )


def _require_means(options: Options) -> None:
    """Raise for what cannot be measured here, before minutes of what can."""
    if options.postgresql_rounds and not options.postgresql:
        raise InputError(
            "Rounds on PostgreSQL need the address of an empty database. Give it with --postgresql."
        )
    if options.load_seconds or options.load_runs:
        require_proc()
    if options.keep_rounds is not None:
        require_writable(options.keep_rounds, "--keep-rounds")
    if options.rounds_from is not None:
        _require_no_new_rounds(options)


def _require_no_new_rounds(options: Options) -> None:
    """Rounds are read or played, not both: a table of both would be of no command."""
    names = ("rounds", "postgresql_rounds", "keep_rounds")
    flags = [flag_name(name) for name in names if name in options.model_fields_set]
    if flags:
        raise InputError(
            f"With --rounds-from no rounds are played. Leave out {' and '.join(flags)}."
        )


def _rounds(options: Options, tell: Tell) -> tuple[kept_rounds.Records, Origin | None]:
    """The rounds, played or read, and where they come from if they were read."""
    if options.rounds_from is not None:
        return kept_rounds.read(options.rounds_from)
    records = _play(options, tell)
    if options.keep_rounds is not None:
        kept_rounds.keep(options.keep_rounds, records, options)
    return records, None


def _play(options: Options, tell: Tell) -> dict[str, list[RoundRecord]]:
    """The rounds of each database that some are asked for."""
    records = {}
    if options.rounds:
        records["SQLite"] = _play_in_lanes(options, tell)
    if options.postgresql_rounds:
        rounds = play_rounds(
            options.postgresql_rounds, options.seed, options.postgresql or ""
        )
        records["PostgreSQL"] = list(_told(rounds, tell))
    return records


def _play_in_lanes(options: Options, tell: Tell) -> list[RoundRecord]:
    """Rounds on SQLite, a part of them in each lane with a seed of its own."""

    def play(lane: int) -> list[RoundRecord]:
        count = len(range(lane, options.rounds, options.lanes))
        seed = options.seed * options.lanes + lane
        return list(_told(play_rounds(count, seed), tell))

    with ThreadPoolExecutor(options.lanes) as pool:
        parts = list(pool.map(play, range(options.lanes)))
    return [record for part in parts for record in part]


def _told(records: Iterator[RoundRecord], tell: Tell) -> Iterator[RoundRecord]:
    for record in records:
        tell(record.fault)
        yield record


def _count(records: kept_rounds.Records) -> Iterator[FaultCount]:
    for database, of_database in records.items():
        for fault in sorted({record.fault for record in of_database}):
            rows = [record for record in of_database if record.fault == fault]
            yield FaultCount(
                database,
                fault,
                rounds=len(rows),
                befallen=sum(record.has_befallen for record in rows),
                violated=sum(bool(record.problems) for record in rows),
            )
