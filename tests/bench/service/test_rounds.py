"""Processes are killed, stopped and started again; what was acknowledged is in the database, and all is cleared in the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from postgres_cluster import running_cluster
from tieline.bench.service.rounds import RoundRecord, play_rounds

ROUNDS = 40
LANES = 4
"""Databases at the same time: most of a round is waiting."""

POSTGRESQL_ROUNDS = 6


def test_crash_rounds():
    with ThreadPoolExecutor(LANES) as pool:
        parts = list(pool.map(_play, range(LANES)))
    records = [record for part in parts for record in part]
    problems = [(r.fault, problem) for r in records for problem in r.problems]
    assert problems == []
    assert len(records) == ROUNDS
    # rounds in which nothing happened would prove nothing
    assert sum(record.has_befallen for record in records) >= 0.8 * ROUNDS
    assert sum(record.acknowledged for record in records) >= 2 * ROUNDS


def _play(seed: int) -> list[RoundRecord]:
    return list(play_rounds(ROUNDS // LANES, seed))


def test_crash_rounds_on_postgresql():
    with running_cluster() as cluster:
        address = cluster.make_database("crash")
        records = list(play_rounds(POSTGRESQL_ROUNDS, seed=1, address=address))
    assert [r.problems for r in records] == [[]] * POSTGRESQL_ROUNDS
