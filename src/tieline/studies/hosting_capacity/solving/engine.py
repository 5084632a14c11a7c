"""Who solves the shards: this process, or a Ray cluster. Both give the same numbers, in whatever order shards finish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.solving.shards import Shard, Tables, solve_shard
from tieline.studies.hosting_capacity.world.setting import Setting


class Engine(Protocol):
    """Solves shards."""

    def map(self, shards: Sequence[Shard]) -> Iterator[tuple[Shard, Tables]]:
        """Each shard with its tables, once, as they are finished."""
        ...


class LocalEngine:
    """One shard after the other in this process; the power flow itself uses all processors."""

    def __init__(self, setting: Setting):
        self._setting = setting

    def map(self, shards: Sequence[Shard]) -> Iterator[tuple[Shard, Tables]]:
        """Each shard with its tables, in order."""
        for shard in shards:
            yield shard, solve_shard(self._setting, shard)


def open_engine(
    config: HostingCapacityConfig, setting: Setting
) -> AbstractContextManager[Engine]:
    """The engine that the configuration names; raises `InputError` if its cluster does not answer."""
    if config.engine == "local":
        return nullcontext(LocalEngine(setting))
    from tieline.studies.hosting_capacity.solving.ray_engine import open_ray_engine

    return open_ray_engine(setting, config.ray_address)
