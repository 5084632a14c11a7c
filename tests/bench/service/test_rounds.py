"""Processes are killed, stopped and started again; what was acknowledged is in the database, and all is cleared in the end."""

from __future__ import annotations

from postgres_cluster import running_cluster
from tieline.bench.service.rounds import play_rounds

ROUNDS = 40
POSTGRESQL_ROUNDS = 6


def test_crash_rounds():
    records = list(play_rounds(ROUNDS, seed=0))
    problems = [(r.fault, problem) for r in records for problem in r.problems]
    assert problems == []
    assert len(records) == ROUNDS
    # rounds in which nothing happened would prove nothing
    assert sum(record.has_befallen for record in records) >= 0.8 * ROUNDS
    assert sum(record.acknowledged for record in records) >= 2 * ROUNDS


def test_crash_rounds_on_postgresql():
    with running_cluster() as cluster:
        address = cluster.make_database("crash")
        records = list(play_rounds(POSTGRESQL_ROUNDS, seed=1, address=address))
    assert [r.problems for r in records] == [[]] * POSTGRESQL_ROUNDS
