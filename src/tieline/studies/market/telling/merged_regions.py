"""Which regions are one microgrid, minute by minute: as a table, as intervals of the day, and in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tieline.reports.clock import hours_of_day
from tieline.reports.interval_bars import Intervals, intervals_of


def group_table(outputs: pd.DataFrame) -> pd.DataFrame:
    """The lowest region of each region's microgrid: a row per minute, a column per region."""
    return outputs.pivot(index="minute", columns="region", values="group").astype(int)


def regions_of(table: pd.DataFrame) -> list[int]:
    """The regions of a table with a column each."""
    return [int(region) for region in table.columns.to_numpy()]


def by_minute(groups: pd.DataFrame) -> list[dict[int, int]]:
    """The same table as a mapping from region to group for each minute."""
    regions = regions_of(groups)
    rows = groups.to_numpy().tolist()
    return [dict(zip(regions, labels, strict=True)) for labels in rows]


def microgrids(group_of: Mapping[int, int]) -> list[tuple[int, ...]]:
    """Regions of each microgrid that has several, in the order of the first."""
    members: dict[int, list[int]] = {}
    for region, group in group_of.items():
        members.setdefault(group, []).append(region)
    several = [regions for regions in members.values() if len(regions) > 1]
    return [tuple(regions) for regions in several]


def merged_text(group_of: Mapping[int, int]) -> str:
    """For example "Regions 2 and 3 are one microgrid."."""
    merged = microgrids(group_of)
    if not merged:
        count = len(group_of)
        return f"{count} microgrids." if count > 1 else "One microgrid."
    # a list of pairs: "2 and 3, 4 and 5" would read as one of four
    names = "; ".join(_listed(regions) for regions in merged)
    return f"Merged: regions {names}."


def merge_intervals(
    groups: pd.DataFrame, stands_for_h: pd.Series
) -> dict[str, Intervals]:
    """Hours in which regions were one microgrid, by their names joined with plus signs; the rows of bars.

    Args:
        groups: of each region, a row per minute.
        stands_for_h: how long each of these minutes stands for [h].
    """
    hours = hours_of_day(groups.index.to_series())
    combinations = [microgrids(group_of) for group_of in by_minute(groups)]
    names = sorted({regions for merged in combinations for regions in merged})
    intervals = {}
    for regions in names:
        holds = np.array([regions in merged for merged in combinations])
        name = " + ".join(map(str, regions))
        intervals[name] = intervals_of(holds, hours, stands_for_h)
    return intervals


def _listed(regions: tuple[int, ...]) -> str:
    *first, last = map(str, regions)
    return f"{', '.join(first)} and {last}"
