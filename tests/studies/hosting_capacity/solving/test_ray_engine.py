"""The Ray engine on a real cluster of two nodes on this machine: the local numbers, also when a worker dies in the middle."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.solving import ray_engine
from tieline.studies.hosting_capacity.solving.ray_engine import (
    ON_LOOPBACK,
    open_ray_engine,
)
from tieline.studies.hosting_capacity.solving.shards import (
    Shard,
    Tables,
    cut,
    merge,
    solve_shard,
)
from tieline.studies.hosting_capacity.world.setting import Setting, prepare
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


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:1", "No Ray cluster answers at '127.0.0.1:1'"),
        ("nowhere", "not of the form host:port"),
        ("host:port", "not of the form host:port"),
    ],
)
def test_an_address_that_does_not_answer_is_named_at_once(
    address: str, message: str
) -> None:
    before = time.perf_counter()
    with pytest.raises(InputError, match=message):
        run(HostingCapacityConfig(**VALUES, engine="ray", ray_address=address))
    assert time.perf_counter() - before < 10


def test_a_cluster_started_here_listens_on_loopback(monkeypatch: pytest.MonkeyPatch):
    """Ray reads the variable when it is imported; without it its servers listen to the whole network."""
    variable, value = ON_LOOPBACK
    monkeypatch.delenv(variable, raising=False)
    running = SimpleNamespace(
        is_initialized=lambda: True,
        put=lambda data: data,
        remote=lambda **_: lambda task: task,
    )
    monkeypatch.setitem(sys.modules, "ray", running)
    setting = cast(Setting, None)  # nobody looks at it before a shard is solved
    with open_ray_engine(setting, "auto"):
        assert variable not in os.environ
    with open_ray_engine(setting, None):
        assert os.environ[variable] == value
