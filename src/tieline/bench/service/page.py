"""What the screen and the docs page say of crash rounds, minutes and load: every number comes from the measurement."""

from __future__ import annotations

from statistics import median

from tieline.bench.kit.goals import Goal, at_most, goals_table
from tieline.bench.kit.markdown import Page, Section, Summary, Table
from tieline.bench.service.decisions import DecisionTimes
from tieline.bench.service.kept_rounds import Origin
from tieline.bench.service.load.page_parts import load_goals, load_sections
from tieline.bench.service.measure import FaultCount, ServiceMeasurement
from tieline.bench.service.minute import MinuteTimes
from tieline.bench.service.rounds import ROUNDS_PER_DATABASE

INTRO = (
    "[What is promised](../service-store.md): an accepted bid survives a crash, every bid is cleared or rejected with a reason, "
    "one clearing counts, and prices follow from the ledger."
)

OF_ROUNDS = (
    "A server with three bidding threads and two workers run on one database, with intervals of a quarter of a second. In each "
    "round a fault befalls one of them: it is killed (SIGKILL) at a random instant or at a named fail point between two steps of "
    "a write, stopped past its lease and continued, or started again with a clock that was set back. Then the database is asked, "
    f"and what died is started again; {ROUNDS_PER_DATABASE} rounds go on with the same database, and in the end all that is "
    "closed must be cleared. A process may not come to its fail point in time; those rounds are not counted as befallen."
)

OF_POWER = (
    "A killed process leaves to the system what it had written, a power cut does not: that each acknowledgement comes after an "
    "fsync is shown by a trace of the system calls in `tests/service/store/test_writer.py`. Full disks, read-only files, locked "
    "databases and restarts of PostgreSQL are in `tests/service/store/test_failures.py`."
)

OF_MINUTES = (
    "The [market](../service-market.md) of `tieline serve --demo` with as many devices as bids, each of its own participant. "
    "The time runs from the moment at which the gate closes until dispatch, prices, settlement and the fate of every bid "
    "are on disk: close, job, power flows, program, publication."
)

OF_DECISIONS = (
    "[Set-points asked for a state](../service.md#a-decision) of each published case, one after the other in one process, "
    "without the way over HTTP: a day of batteries step by step, each with the account of the step before; a step that decides a "
    "loan anew for the rest of the day, as the study does once a day; a step of microgrids; a request for reserve; an "
    "island's load picked up step by step, each step from where the one before left the island."
)

DECISION_MS = 20
"""For set-points; what is asked of the service."""

GATE_MS = 500
"""From the gate to the dispatch; what is asked of the service."""

Row = tuple[str, ...]


def summary(measured: ServiceMeasurement) -> Summary:
    """The tables of the page that fit a screen."""
    tables = [("Promises", goals_table(_goals(measured)))]
    if measured.faults:
        tables.append(("Faults", _faults(measured)))
    return Summary(tables, list(measured.problems))


def page(measured: ServiceMeasurement) -> Page:
    """The page of a measurement."""
    promises = [goals_table(_goals(measured)), *measured.problems]
    sections = [Section("Promises", [*promises, OF_POWER])]
    if measured.faults:
        told = [OF_ROUNDS, *_told_origin(measured.rounds_origin), _faults(measured)]
        sections.append(Section("Faults", told))
    if measured.minutes is not None:
        sections.append(Section("A minute", [OF_MINUTES, _minutes(measured.minutes)]))
    if measured.decisions:
        table = _decisions(measured.decisions)
        sections.append(Section("Decisions", [OF_DECISIONS, table]))
    sections += load_sections(measured.load, measured.queue)
    return Page(INTRO, sections)


def _told_origin(origin: Origin | None) -> list[str]:
    """Where rounds come from that another command played."""
    if origin is None:
        return []
    versions = ", ".join(f"{name} {number}" for name, number in origin.versions.items())
    return [
        f"These rounds ended on {origin.date}, played by the command",
        f"```bash\n{origin.command}\n```",
        f"Machine: {origin.machine}. {versions}, the same code of store, jobs and rounds as above (SHA-256 "
        f"{origin.code_sha256[:12]}).",
    ]


def _goals(measured: ServiceMeasurement) -> list[Goal]:
    goals = []
    for database, acknowledged in measured.acknowledged.items():
        rows = _of(measured, database)
        rounds = sum(row.befallen for row in rows)
        violated = sum(row.violated for row in rows)
        what = f"{database}: rounds in which a promise was broken, of {rounds:,} crashes and {acknowledged:,} acknowledged bids"
        goals.append(at_most(what, violated, 0, "{:.0f}".format))
    if measured.minutes is not None:
        wall_ms = median(measured.minutes.wall_ms)
        what = f"from the gate to the dispatch on disk, a minute of 123 nodes with {measured.minutes.bids:,} bids, median [ms]"
        goals.append(at_most(what, wall_ms, GATE_MS, "{:.0f}".format))
    for times in measured.decisions:
        what = f"a decision of the published case, {times.what}, median [ms]"
        goals.append(at_most(what, times.median_ms, DECISION_MS, "{:.1f}".format))
    return goals + load_goals(measured.load, measured.queue)


def _minutes(measured: MinuteTimes) -> Table:
    headings = (
        "bids",
        "minutes",
        "median [ms]",
        "longest [ms]",
        "of it CPU, median [ms]",
    )
    row = (
        f"{measured.bids:,}",
        str(len(measured.wall_ms)),
        f"{median(measured.wall_ms):.0f}",
        f"{max(measured.wall_ms):.0f}",
        f"{median(measured.cpu_ms):.0f}",
    )
    return Table(headings, [row], "rrrrr")


def _decisions(measured: tuple[DecisionTimes, ...]) -> Table:
    headings = (
        "decision",
        "asked",
        "median [ms]",
        "longest [ms]",
        "of it CPU, median [ms]",
    )
    rows = [
        (
            times.what,
            str(len(times.wall_ms)),
            f"{times.median_ms:.1f}",
            f"{max(times.wall_ms):.1f}",
            f"{median(times.cpu_ms):.1f}",
        )
        for times in measured
    ]
    return Table(headings, rows, "lrrrr")


def _faults(measured: ServiceMeasurement) -> Table:
    headings = ("database", "fault", "rounds", "befallen", "promise broken")
    rows: list[Row] = []
    for row in measured.faults:
        counts = (str(row.rounds), str(row.befallen), str(row.violated))
        rows.append((row.database, row.fault, *counts))
    return Table(headings, rows, "llrrr")


def _of(measured: ServiceMeasurement, database: str) -> list[FaultCount]:
    return [row for row in measured.faults if row.database == database]
