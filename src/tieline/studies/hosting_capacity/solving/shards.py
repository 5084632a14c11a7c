"""Shards: a run cut into parts that are solved apart, on any machine, in any order, and merged into the same numbers.

A shard is a range of deployments at all levels, in all variants and steps. `solve_shard` is a pure function of the setting and
the shard. Deployments are solved in groups that begin at fixed numbers, because the last digits of a power flow may depend on
those it is solved with; a shard is a whole number of groups, so the cut changes no number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.network.attach import site_loads
from tieline.studies.hosting_capacity.solving.cases import (
    draw_group,
    pv_at,
    solve_cases,
)
from tieline.studies.hosting_capacity.solving.search import search_capacities
from tieline.studies.hosting_capacity.solving.tally import CASE_KEYS, Tables
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.typing import FloatArray

GROUP_SIZES = (25, 5, 1)
"""Deployments solved together: the most that keep a group within `GROUP_FLOWS`. Each divides `stopping.ROUND`."""
GROUP_FLOWS = 40_000
"""Power flows of a group in one variant: large enough to fill the solver, small enough to be saved every few seconds."""


@dataclass(frozen=True)
class Shard:
    """Deployments `first` to `last` - 1."""

    first: int
    last: int

    @property
    def n_deployments(self) -> int:
        """How many deployments it holds."""
        return self.last - self.first


def group_size(n_levels: int, n_steps: int) -> int:
    """Deployments solved together."""
    flows = n_levels * n_steps
    return next((size for size in GROUP_SIZES if size * flows <= GROUP_FLOWS), 1)


def cut(first: int, last: int, size: int, groups: int = 1) -> list[Shard]:
    """Deployments `first` (the beginning of a group) to `last` - 1 in shards of `groups` groups of `size` deployments."""
    step = size * groups
    return [Shard(start, min(start + step, last)) for start in range(first, last, step)]


def solve_shard(setting: Setting, shard: Shard) -> Tables:
    """Solve a shard.

    Args:
        setting: what all cases share.
        shard: which deployments, beginning with a group.

    Returns:
        Tables `cases` (a row per variant, level and deployment), `capacities` (per variant, limit and deployment), `effort`, and
        `buses`, `base` and `systems` of the configured variant.
    """
    size = group_size(len(setting.levels_pct), setting.timeline.n_steps)
    groups = [
        _solve_group(setting, range(group.first, group.last))
        for group in cut(shard.first, shard.last, size)
    ]
    if len(groups) == 1:
        return groups[0]
    return merge(groups)


def merge(parts: Iterable[Tables]) -> Tables:
    """Put tables of disjoint shards together: rows in the order of their keys, whatever the order of the parts.

    Merging is associative, so partial merges may be merged again. `base` rows of a limit and place become one: points add up, the
    largest excess stays.
    """
    parts = list(parts)
    base = _joined(parts, "base")
    return {
        "cases": merge_cases(parts),
        "capacities": _stack(parts, "capacities", ["variant", "limit", "deployment"]),
        "effort": _stack(parts, "effort", ["variant", "deployment"]),
        "buses": _stack(parts, "buses", ["level_pct", "deployment", "bus"]),
        "systems": _stack(parts, "systems", ["level_pct", "deployment", "load"]),
        "base": _merge_base(base),
    }


def merge_cases(parts: list[Tables]) -> pd.DataFrame:
    """The table `cases` of the merged parts, alone."""
    return _stack(parts, "cases", list(CASE_KEYS))


def _joined(parts: list[Tables], name: str) -> pd.DataFrame:
    return pd.concat([part[name] for part in parts], ignore_index=True)


def _stack(parts: list[Tables], name: str, keys: list[str]) -> pd.DataFrame:
    stacked = _joined(parts, name)
    return stacked.sort_values(keys, kind="stable", ignore_index=True)


def _merge_base(rows: pd.DataFrame) -> pd.DataFrame:
    ordered = rows.sort_values(["limit", "place", "excess"], kind="stable")
    grouped = ordered.groupby(["limit", "place"], sort=True)
    return grouped.agg(
        points=("points", "sum"), excess=("excess", "last"), worst=("worst", "last")
    ).reset_index()


def _solve_group(setting: Setting, deployments: range) -> Tables:
    """One group in all variants; every variant sees the same PV, load and sun."""
    group = draw_group(setting, deployments)
    levels_pct = np.tile(setting.levels_pct, (len(deployments), 1))
    configured = setting.variants[0]
    solved: list[Tables] = []
    searched: list[Tables] = []
    for variant in setting.variants:
        is_configured = variant is configured
        tables = solve_cases(setting, variant, group, levels_pct, is_configured)
        solved.append(tables)
        capacities = search_capacities(
            setting, variant, group, tables["cases"], by_limit=is_configured
        )
        searched.append(capacities)
    pv_kw = pv_at(setting, group, levels_pct)
    return {
        **solved[0],
        "cases": _joined(solved, "cases"),
        "capacities": _joined(searched, "capacities"),
        "effort": _joined(searched, "effort"),
        "systems": _systems(setting, deployments, pv_kw),
    }


def _systems(setting: Setting, deployments: range, pv_kw: FloatArray) -> pd.DataFrame:
    """One row per site with PV of every case."""
    deployment, level, site = np.nonzero(pv_kw)
    loads = site_loads(setting.own)
    return pd.DataFrame(
        {
            "level_pct": np.array(setting.levels_pct)[level],
            "deployment": deployment + deployments.start,
            "bus": np.array([load.bus for load in loads], dtype=object)[site],
            "load": np.array([load.name for load in loads], dtype=object)[site],
            "pv_kw": pv_kw[deployment, level, site],
        }
    )
