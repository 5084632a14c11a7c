"""How far the levels reach: from `max_pct` the range doubles until half of some first deployments break a limit.

Half of them, because the capacities then have a median, and a risk of some percent is well inside. The levels that are added
are five to a doubling, so that a range ten times as wide costs twice the power flows; the search between levels makes up for
the wider steps. Nothing is added beyond `cap_pct`, or beyond what a cap per bus leaves room for.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.size import require_size
from tieline.studies.hosting_capacity.solving.cases import draw_group, solve_cases
from tieline.studies.hosting_capacity.solving.shards import group_size
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.typing import BoolArray

ENOUGH = 0.5
"""Share of the first deployments that must break a limit."""

LEVELS_A_DOUBLING = 5


def with_reach(setting: Setting) -> Setting:
    """The setting with levels added; raises `InputError` if the run becomes too large."""
    config = setting.config
    cap_pct = min(config.cap_pct, setting.sites.room_pct)
    while _ended_share(setting) < ENOUGH:
        further = _further_levels(setting.levels_pct[-1], cap_pct)
        if not further:
            break
        setting = replace(setting, levels_pct=setting.levels_pct + further)
        require_size(setting.own, config, len(setting.levels_pct))
    return setting


def _further_levels(top_pct: float, cap_pct: float) -> tuple[float, ...]:
    """Levels from the highest one to its double, none above the cap."""
    step_pct = top_pct / LEVELS_A_DOUBLING
    levels = [top_pct + k * step_pct for k in range(1, LEVELS_A_DOUBLING + 1)]
    # rounded as the levels below are, which are keys of tables and stand in the names of metrics
    return tuple(round(level, 9) for level in levels if level <= cap_pct)


def _ended_share(setting: Setting) -> float:
    """Share of the first group's deployments that break a limit at the highest level, or of which more PV would tell nothing."""
    config = setting.config
    size = group_size(len(setting.levels_pct), setting.timeline.n_steps)
    group = draw_group(setting, range(min(size, config.n_deployments)))
    levels_pct = np.tile([0.0, setting.levels_pct[-1]], (len(group.numbers), 1))
    cases = solve_cases(setting, setting.variants[0], group, levels_pct)["cases"]
    at_top = cases.iloc[1::2]
    return float(_has_ended(config, at_top).mean())


def _has_ended(config: HostingCapacityConfig, cases: pd.DataFrame) -> BoolArray:
    """Cases that break a limit, have no solution, or have no reading that PV could be blamed for, (case,)."""
    columns = [kind.column for kind in config.limit_numbers.kinds]
    points = cases[[f"{column}_points" for column in columns]].to_numpy()
    breaks = (points > 0).any(axis=1)
    is_unsolved = ~cases["converged"].to_numpy()
    is_blind = cases[columns].isna().to_numpy().all(axis=1)
    return breaks | is_unsolved | is_blind
