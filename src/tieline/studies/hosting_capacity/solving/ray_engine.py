"""Shards over a Ray cluster: each shard is a task that is tried again on another worker if its own dies.

A task returns its tables or nothing, so a shard is counted once however often it was begun. The setting is sent once to each
machine as bytes: every worker unpacks arrays of its own. A worker computes with one thread, because Ray runs one worker per
processor.
"""

from __future__ import annotations

import os
import pickle
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tieline.errors import InputError, MissingExtraError
from tieline.studies.hosting_capacity.solving.shards import Shard, Tables, solve_shard
from tieline.studies.hosting_capacity.world.setting import Setting

TRIES_AGAIN = 5
"""How often a shard is begun again after its worker died."""
ON_LOOPBACK = ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
"""Makes a cluster that is started here listen on 127.0.0.1, as Ray does by itself on Windows and macOS: nobody outside this
machine has business with it. Ray reads it when it is imported."""
ANSWER_WITHIN_S = 5.0
"""How long the address of a cluster may take to answer."""


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
    """Connect to a cluster, or start one on this machine, for as long as the context lasts.

    Args:
        setting: of the run.
        address: host:port of the cluster's head, "auto" for the one running here, None to start one.

    Raises:
        MissingExtraError: if Ray is not installed.
        InputError: if the cluster does not answer.
    """
    if address is None:
        os.environ.setdefault(*ON_LOOPBACK)
    try:
        import ray
    except ImportError:
        raise MissingExtraError("ray", "ray", "Engine 'ray'") from None
    if ray.is_initialized():  # the caller's own connection, which stays open
        yield RayEngine(ray, setting)
        return
    _connect(ray, address)
    try:
        yield RayEngine(ray, setting)
    finally:
        ray.shutdown()


def _connect(ray: Any, address: str | None) -> None:
    if address is not None and address != "auto":
        _check_answers(address)
    quiet = {
        "log_to_driver": False,
        "logging_level": "error",
        "include_dashboard": False if address is None else None,
    }
    try:
        ray.init(address=address or "local", **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise InputError(
            _no_answer(address or "local", str(error).splitlines()[0])
        ) from None


def _check_answers(address: str) -> None:
    """Ray itself tries for minutes; a plain connection says at once whether anybody listens."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise InputError(
            f"Ray address '{address}' is not of the form host:port, for example 10.0.0.5:6379. Correct ray_address."
        )
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_WITHIN_S).close()
    except (OSError, OverflowError) as error:
        raise InputError(_no_answer(address, str(error))) from None


def _no_answer(address: str, why: str) -> str:
    remedy = (
        "Check ray_address, start one with `ray start --head`, or use engine local."
    )
    return f"No Ray cluster answers at '{address}' ({why}). {remedy}"


def _solve_packed(packed: bytes, shard: Shard) -> Tables:
    """The task: unpack the setting and solve one shard."""
    import numba

    numba.set_num_threads(1)
    return solve_shard(pickle.loads(packed), shard)
