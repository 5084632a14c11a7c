"""Shards over a Ray cluster: each shard is a task that is tried again on another worker if its own dies.

A task returns its tables or nothing, so a shard is counted once however often it was begun. The setting is sent once to each
machine as bytes: every worker unpacks arrays of its own. A worker computes with one thread, because Ray runs one worker per
processor.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tieline.ray_cluster import ray_cluster
from tieline.studies.hosting_capacity.solving.shards import Shard, Tables, solve_shard
from tieline.studies.hosting_capacity.world.setting import Setting

TRIES_AGAIN = 5
"""How often a shard is begun again after its worker died."""


class RayEngine:
    """Solves shards as Ray tasks."""

    def __init__(self, ray: Any, setting: Setting):
        self._ray = ray
        self._packed = ray.put(pickle.dumps(setting))
        self._task = ray.remote(num_cpus=1, max_retries=TRIES_AGAIN)(_solve_packed)

    def map(self, shards: Sequence[Shard]) -> Iterator[tuple[Shard, Tables]]:
        """Each shard with its tables, as they are finished."""
        running = {self._task.remote(self._packed, shard): shard for shard in shards}
        try:
            while running:
                (reference,), _ = self._ray.wait(list(running), num_returns=1)
                yield running.pop(reference), self._ray.get(reference)
        finally:
            for reference in running:  # the caller stopped early
                self._ray.cancel(reference)


@contextmanager
def open_ray_engine(setting: Setting, address: str | None) -> Iterator[RayEngine]:
    """An engine on a cluster, for as long as the context lasts.

    Args:
        setting: of the run.
        address: as of `ray_cluster`.

    Raises:
        MissingExtraError: if Ray is not installed.
        InputError: if the cluster does not answer.
    """
    with ray_cluster(address) as ray:
        yield RayEngine(ray, setting)


def _solve_packed(packed: bytes, shard: Shard) -> Tables:
    """The task: unpack the setting and solve one shard."""
    import numba

    numba.set_num_threads(1)
    return solve_shard(pickle.loads(packed), shard)
