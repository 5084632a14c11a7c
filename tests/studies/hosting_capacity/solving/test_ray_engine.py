"""The Ray engine on a real cluster of two nodes on this machine: the local numbers, also when a worker dies in the middle."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tieline.feeders import load_feeder
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.solving import ray_engine
from tieline.studies.hosting_capacity.solving.shards import (
    Shard,
    Tables,
    cut,
    merge,
    solve_shard,
)
from tieline.studies.hosting_capacity.world.setting import prepare
from tieline.studies.shell import run_study

run = partial(run_study, "hosting-capacity", None)

ray = pytest.importorskip("ray", reason="Ray is not installed")

VALUES: dict[str, Any] = {"feeder": "ieee13", "deployments": 100, "step_pct": 50.0}
SMALL_STORE = 100_000_000


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Address of a cluster of two nodes with one processor each."""
    from ray.cluster_utils import Cluster

    node: dict[str, Any] = {"num_cpus": 1, "object_store_memory": SMALL_STORE}
    cluster = Cluster(
        initialize_head=True, head_node_args={**node, "include_dashboard": False}
    )
    cluster.add_node(**node)
    yield str(cluster.address)
    cluster.shutdown()


def test_the_cluster_gives_the_local_numbers(address: str) -> None:
    local = run(HostingCapacityConfig(**VALUES))
    remote = run(HostingCapacityConfig(**VALUES, engine="ray", ray_address=address))
    assert all(local.tables[name].equals(remote.tables[name]) for name in local.tables)
    del local.metrics["power_flows_per_s"], remote.metrics["power_flows_per_s"]
    assert local.metrics == remote.metrics
    assert not ray.is_initialized()


def test_a_killed_worker_is_replaced_and_nothing_counts_twice(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = prepare(
        load_feeder("ieee13"), HostingCapacityConfig(**VALUES, what_if="off")
    )
    marks = str(tmp_path)
    genuine = ray_engine._solve_packed

    def dies_once(packed: bytes, shard: Shard) -> Tables:
        mark = f"{marks}/{shard.first}"
        if shard.first == 50 and not os.path.exists(mark):
            Path(mark).touch()
            os._exit(1)  # as a worker whose machine is switched off
        return genuine(packed, shard)

    monkeypatch.setattr(ray_engine, "_solve_packed", dies_once)
    shards = cut(0, 100, 25)
    with ray_engine.open_ray_engine(setting, address) as engine:
        found = list(engine.map(shards))
    assert Path(marks, "50").exists()
    assert sorted(shard.first for shard, _ in found) == [0, 25, 50, 75]
    expected = merge(solve_shard(setting, shard) for shard in shards)
    merged = merge(tables for _, tables in found)
    assert all(expected[name].equals(merged[name]) for name in expected)
