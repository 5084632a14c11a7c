"""Crash rounds: processes of the service are killed, stopped and started again, and the database is asked what it kept.

    for record in play_rounds(count, seed): ...

A round lets a server and two workers run, has one fault befall one of them, starts again what died, and looks for violations. A
few rounds share a database, so that a later one begins with what an earlier crash left; then everything is left in peace until
each closed interval is cleared.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from pathlib import Path

import sqlalchemy as sa

from tieline.bench.service.invariants import Acknowledged, violations
from tieline.bench.service.nursery import Child, Nursery
from tieline.bench.service.processes import CLEARING_S, MARKET, Fault
from tieline.service.jobs import queue
from tieline.service.jobs.job import ENDED
from tieline.service.store import Store, intervals, open_store
from tieline.service.store.fail_points import POINTS
from tieline.service.store.tables import jobs

ROUNDS_PER_DATABASE = 10
"""Rounds that go on with what the one before left; more would only make the looking longer."""

WORKERS = 2

NO_FAULT = Fault()

MOST_PASSES = 3
"""A process kills itself at the first, second or third pass of its fail point, ..."""

LEAST_BIDS = 3
"""Bids that are acknowledged before a fault."""

AT_POINT_S = 3.0
"""... or is killed after this time if it has not come there."""

QUIET_S = 60.0
"""After which everything must be cleared: far longer than leases and pauses between attempts."""

OVERTAKEN_S = 10.0
"""In which another worker takes over a job: lease, pause, and PostgreSQL's patience with a writer that was stopped."""

OF_SERVER = tuple(p for p in POINTS if p.startswith(("writer", "ledger", "intervals")))
OF_WORKER = tuple(
    p for p in POINTS if p.startswith(("writer", "queue", "worker", "clearings"))
)


@dataclass(frozen=True)
class RoundRecord:
    """What happened in a round.

    Attributes:
        fault: in words.
        has_befallen: whether it came to it: a process may not pass its fail point in time.
        acknowledged: bids that were acknowledged in it.
        problems: what was not as promised.
    """

    fault: str
    has_befallen: bool
    acknowledged: int
    problems: list[str]


@dataclass
class _Stage:
    """A database, the processes at it, and what participants were told."""

    address: str
    folder: Path
    random: random.Random
    nursery: Nursery
    processes: dict[str, Child] = field(default_factory=dict)
    starts: Counter[str] = field(default_factory=Counter)

    @property
    def database(self) -> str:
        """Address of the database: the one that was asked for, or a file in the folder."""
        return self.address or f"sqlite:///{self.folder}/crash.db"

    @property
    def acknowledgements(self) -> Path:
        """File with a line for each bid that was acknowledged."""
        return self.folder / "acknowledged.jsonl"

    def start(self, name: str, fault: Fault = NO_FAULT) -> None:
        """Start the server or a worker."""
        self.starts[name] += 1
        if name == "server":
            role = "serve"
            seed = self.random.randrange(1 << 30)
            arguments = [str(self.acknowledgements), seed]
        else:
            role = "work"
            # a process that is started again is another worker to the queue
            arguments = [f"{name}-{self.starts[name]}"]
        values = (*arguments, *astuple(fault))
        self.processes[name] = self.nursery.start(role, self.database, *values)

    def kill(self, name: str) -> None:
        """Kill a process with SIGKILL, and wait until it is gone."""
        self.processes[name].kill()

    def acknowledged(self) -> Acknowledged:
        """Offers by id of every bid that was acknowledged."""
        if not self.acknowledgements.exists():
            return {}
        lines = self.acknowledgements.read_text(encoding="utf-8").splitlines()
        return dict(json.loads(line) for line in lines)


def play_rounds(count: int, seed: int, address: str = "") -> Iterator[RoundRecord]:
    """Play rounds, a record after each.

    Args:
        count: number of rounds.
        seed: of the faults and their instants; what the processes do at an instant depends on the machine.
        address: of an empty database for all of them; SQLite files of their own if empty.
    """
    with Nursery() as nursery:
        for first in range(0, count, ROUNDS_PER_DATABASE):
            rounds = min(ROUNDS_PER_DATABASE, count - first)
            with tempfile.TemporaryDirectory(prefix="tieline-crash-") as folder:
                draw = random.Random(f"{seed} {first}")
                stage = _Stage(address, Path(folder), draw, nursery)
                yield from _play_on(stage, rounds)


def _play_on(stage: _Stage, rounds: int) -> Iterator[RoundRecord]:
    """Rounds on one database."""
    # made before the others come: on PostgreSQL it is the one of the rounds before
    store = open_store(stage.database)
    for name in ("server", *_worker_names()):
        stage.start(name)
    try:
        for number in range(rounds):
            record = _play_round(stage, store)
            if number == rounds - 1:
                record.problems.extend(_problems_after_quiet(stage, store))
            yield record
    finally:
        for name in stage.processes:
            stage.kill(name)
        store.close()


def _play_round(stage: _Stage, store: Store) -> RoundRecord:
    before = len(stage.acknowledged())
    name, fault = _draw_fault(stage.random)
    _wait_for_bids(stage, before)
    time.sleep(stage.random.uniform(0.0, 0.3))
    has_befallen = _befall(stage, store, name, fault)
    # what was told is read first: nothing of it may be missing from a later look
    told = stage.acknowledged()
    problems = _look(store, told)
    for process in ("server", *_worker_names()):
        if not stage.processes[process].is_alive:
            stage.start(process)
    return RoundRecord(fault, has_befallen, len(told) - before, problems)


def _wait_for_bids(stage: _Stage, before: int) -> None:
    """Wait until the server that was started last has acknowledged bids: what befalls one that does nothing tells nothing."""
    deadline_s = time.monotonic() + AT_POINT_S
    while time.monotonic() < deadline_s:
        if len(stage.acknowledged()) >= before + LEAST_BIDS:
            return
        time.sleep(0.01)


def _draw_fault(draw: random.Random) -> tuple[str, str]:
    """A process, and what befalls it: half of all faults are fail points."""
    name = draw.choice(("server", *_worker_names()))
    if draw.random() < 0.5:
        points = OF_SERVER if name == "server" else OF_WORKER
        return name, draw.choice(points)
    if name == "server":
        return name, draw.choice(("killed", "all killed", "clock set back"))
    return name, draw.choice(("killed", "stopped past its lease"))


def _befall(stage: _Stage, store: Store, name: str, fault: str) -> bool:
    """Let a fault befall a process; False if it did not come to it."""
    if fault == "stopped past its lease":
        return _stop_past_lease(stage, store, name)
    stage.kill(name)
    if fault == "all killed":
        for process in stage.processes:
            stage.kill(process)
    elif fault == "clock set back":
        stage.start(name, Fault(clock_back_s=stage.random.uniform(0.2, 0.6)))
        time.sleep(0.3)
    elif fault in POINTS:
        return _killed_at(stage, name, fault)
    return True


def _stop_past_lease(stage: _Stage, store: Store, name: str) -> bool:
    """Stop a worker in the middle of a job, and let it go on when another one has the job; False if it did not come to that."""
    worker = f"{name}-{stage.starts[name]}"
    is_theirs = (jobs.c.state == "running") & (jobs.c.worker == worker)
    job_id = _wait_for_job(store, is_theirs)
    if job_id is None:
        return False
    stage.processes[name].stop()
    is_overtaken = (jobs.c.job_id == job_id) & (jobs.c.worker != worker)
    has_next = _wait_for_job(store, is_overtaken, OVERTAKEN_S) is not None
    # it goes on while the next one works at the job, or just after
    time.sleep(stage.random.uniform(0.0, 2 * CLEARING_S))
    stage.processes[name].go_on()
    return has_next


def _wait_for_job(
    store: Store, condition: sa.ColumnElement[bool], limit_s: float = AT_POINT_S
) -> int | None:
    """Wait until a job fulfils a condition; returns its number, None if there is none in time."""
    question = sa.select(jobs.c.job_id).where(condition)
    deadline_s = time.monotonic() + limit_s
    while time.monotonic() < deadline_s:
        with store.read() as c:
            job_id = c.execute(question).scalar()
        if job_id is not None:
            return job_id
        time.sleep(0.002)
    return None


def _killed_at(stage: _Stage, name: str, point: str) -> bool:
    """Start a process that kills itself at a fail point; False if it does not pass there in time."""
    stage.start(name, Fault(point, passes=stage.random.randrange(MOST_PASSES)))
    process = stage.processes[name]
    is_dead = process.wait(AT_POINT_S)
    stage.kill(name)
    return is_dead


def _look(store: Store, told: Acknowledged) -> list[str]:
    with store.read() as c:
        return violations(c, told)


def _problems_after_quiet(stage: _Stage, store: Store) -> list[str]:
    """Stop the server, let the workers clear what is closed, and look again."""
    stage.kill("server")
    deadline = time.monotonic() + QUIET_S
    while time.monotonic() < deadline:
        with store.read() as c:
            waiting = intervals.not_cleared(c, MARKET)
            counts = queue.counts(c)
        if not waiting and not counts.keys() - set(ENDED):
            return _look(store, stage.acknowledged())
        time.sleep(0.1)
    return [f"{len(waiting)} intervals were never cleared, jobs: {counts}"]


def _worker_names() -> list[str]:
    return [f"worker{number}" for number in range(WORKERS)]
