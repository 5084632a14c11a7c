"""What the page says of the load: its goals and its sections. Every number and judgement comes from the measurement."""

from __future__ import annotations

from tieline.bench.kit.goals import Goal, at_least, at_most
from tieline.bench.kit.markdown import Section, Table
from tieline.bench.service.load.bids import Latency, LoadTimes
from tieline.bench.service.load.queued_runs import QueueTimes

P99_MS = 20
"""From the planned instant of a bid to its answer, 99 % of them; what is asked of the service."""

FLAT_PCT = 2
"""Growth of the memory over half of the time that counts as none [%]: what the allocator holds back comes and goes."""

OF_LOAD = (
    "`tieline serve` in a process of its own, as it is started, with its workers on the same machine: HTTP on the loopback, "
    "SQLite with an fsync before each answer, the [market](../service-market.md) of `--demo` with a device for each participant, "
    "a gate every minute, and the clearing of all that was bid. Participants bid from another process, each bid at an instant "
    "that was drawn before (a Poisson process) and for one of the next two gates. **A bid's time runs from its planned instant "
    "to the last byte of its answer**, also where the callers sent it late: a server that stalls is asked on, so no stall is "
    "left out. In the end every bid that was answered 201 is looked up in the ledger, and no bid may stand there that came "
    "after its gate."
)

OF_MEMORY = (
    "Processor time and resident memory are those of the web process, without workers, from `/proc`. The beginning is a tenth "
    "of the time after the first bid."
)

OF_QUEUE = (
    "The same service is asked for runs one after the other, each of the study `interval` on ieee33 with a seed of its own, and "
    "its one worker of runs answers them. Meanwhile bids go on, and pages are fetched one after the other: first page, runs, "
    "market board."
)


def load_goals(load: LoadTimes | None, queue: QueueTimes | None) -> list[Goal]:
    """What is asked of the service under load, and what became of it."""
    goals = []
    if load is not None:
        goals += _goals_of_bids(load)
    if queue is not None:
        n_done = queue.ended.get("done", 0)
        what = f"of {queue.asked} runs in the queue at once, ended in done"
        goals.append(at_least(what, n_done, queue.asked, _whole))
        what = "while they waited: bids and pages that were not answered as promised"
        goals.append(at_most(what, len(queue.problems), 0, _whole))
    return goals


def _goals_of_bids(load: LoadTimes) -> list[Goal]:
    what = f"{load.rate:g} bids a second for {load.seconds:g} s: 99 % are answered within [ms]"
    growth_pct = 100 * load.growth_mb / load.memory_mb[1]
    return [
        at_most(what, load.latency_ms.p99, P99_MS, "{:.1f}".format),
        at_most(
            "growth of the server's memory in the second half of that time [%]",
            growth_pct,
            FLAT_PCT,
            "{:.1f}".format,
        ),
        at_most(
            f"of {load.taken:,} bids answered then: lost, changed, or taken after the gate",
            len(load.problems),
            0,
            _whole,
        ),
    ]


def load_sections(load: LoadTimes | None, queue: QueueTimes | None) -> list[Section]:
    """Sections of the page for what was measured."""
    sections = []
    if load is not None:
        blocks = [OF_LOAD, _times_table(load), OF_MEMORY, _server_table(load)]
        gates = _counts(load.gates) or "none"
        refused = _counts(load.refused) or "none"
        blocks.append(
            f"Of {load.sent:,} bids that were sent these were refused: {refused}. Gates that closed, by the status of their "
            f"clearing: {gates}."
        )
        sections.append(Section("Bids at a rate", [*blocks, *load.problems]))
    if queue is not None:
        end = f"All runs had ended {queue.queue_s:.0f} s after the first was asked for: {_counts(queue.ended)}."
        blocks = [OF_QUEUE, _queue_table(queue), end, *queue.problems]
        sections.append(Section("Runs in the queue", blocks))
    return sections


LATENCY_HEADINGS = ("median [ms]", "95 % [ms]", "99 % [ms]", "longest [ms]")
"""Of the times of which a row tells."""


def _times_table(load: LoadTimes) -> Table:
    headings = ("what", "number", *LATENCY_HEADINGS)
    what = f"bids of {load.participants:,} participants, taken"
    rows = [
        (what, f"{load.taken:,}", *_latency_texts(load.latency_ms)),
        ("an fsync on this disk alone, before", "", *_latency_texts(load.fsync_ms)),
    ]
    return Table(headings, rows, "lrrrrr")


def _server_table(load: LoadTimes) -> Table:
    headings = (
        "processor time a bid [ms]",
        "memory at the beginning [MB]",
        "in the middle [MB]",
        "at the end [MB]",
        "sent later than planned, 99 % within [ms]",
    )
    memory = [f"{mb:.1f}" for mb in load.memory_mb]
    row = (f"{load.cpu_ms_a_bid:.2f}", *memory, f"{load.send_delay_ms:.1f}")
    return Table(headings, [row], "r" * len(row))


def _queue_table(queue: QueueTimes) -> Table:
    headings = ("what", "number", *LATENCY_HEADINGS)
    bids = f"bids taken meanwhile, {queue.bid_rate:g} a second"
    rows = [
        ("runs accepted", str(queue.asked), *_latency_texts(queue.accepted_ms)),
        (bids, f"{queue.bids:,}", *_latency_texts(queue.bid_ms)),
        ("pages fetched meanwhile", str(queue.pages), *_latency_texts(queue.page_ms)),
    ]
    return Table(headings, rows, "lrrrrr")


def _latency_texts(latency: Latency) -> tuple[str, ...]:
    times_ms = (latency.p50, latency.p95, latency.p99, latency.most)
    return tuple(f"{ms:,.1f}" for ms in times_ms)


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in numbers.items())


def _whole(number: float) -> str:
    return f"{number:.0f}"
