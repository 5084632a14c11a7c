"""Capacity of each site: the largest plant that keeps every limit, which limit ends it, where and when, and kW by each limit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tieline.studies.siting.flows import Cases, Verdicts, Way, judge
from tieline.studies.siting.search import Brackets, find_brackets, ladder_kw
from tieline.studies.siting.setting import Setting

NOTHING_BREAKS = "none"
NO_SOLUTION = "no-solution"
"""In place of a limit: none is broken by the largest plant that was looked at; above the capacity there is no power flow."""

Progress = Callable[[int, int, int], None]
"""Told rounds done, rounds in all (about), and power flows solved by now."""


def limit_names(setting: Setting) -> list[str]:
    """The limits in the order of their columns, the last one that of having a power flow."""
    return [*(gauge.kind.name for gauge in setting.gauges), NO_SOLUTION]


def kw_column(limit: str) -> str:
    """The column of a limit's kW in `capacity_table`."""
    return f"{limit.replace('-', '_')}_kw"


def find_capacity(
    setting: Setting,
    way: Way,
    asked_kw: float | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Search for the capacity of every site.

    Args:
        setting: sites, situations and limits.
        way: how a plant makes its reactive power.
        asked_kw: a size that is looked at in any case.
        progress: see `Progress`.

    Returns:
        One row per site: `place`; `capacity_kw`; `is_least`, whether nothing breaks up to there; `limit` that ends it, `at` and
        `situation` (empty if nothing does); and for each limit the largest plant that keeps it, `<limit>_kw`, NaN if it holds as
        far as was looked.
    """
    most_kw = setting.most_kw
    further_kw = []
    if asked_kw is not None:
        most_kw = max(most_kw, asked_kw)
        further_kw.append(asked_kw)
    solved = 0

    def judge_cases(cases: Cases) -> Verdicts:
        nonlocal solved
        verdicts = judge(setting, cases, way)
        solved += len(cases)
        return verdicts

    def tell(rounds: int, total: int) -> None:
        if progress is not None:
            progress(rounds, total, solved)

    brackets = find_brackets(
        judge_cases,
        slack=np.array([gauge.slack for gauge in setting.gauges]),
        n_sites=len(setting.places),
        n_situations=len(setting.bases),
        sizes_kw=ladder_kw(most_kw, *further_kw),
        resolution=setting.config.resolution_pct / 100,
        told=tell,
    )
    return capacity_table(setting, brackets)


def capacity_table(setting: Setting, brackets: Brackets) -> pd.DataFrame:
    """The table of `find_capacity`."""
    site = np.arange(len(setting.places))
    first = brackets.broken_kw.argmin(axis=1)
    breaks = np.isfinite(brackets.broken_kw[site, first])
    names = np.array(limit_names(setting), dtype=object)
    columns: dict[str, object] = {
        "place": setting.places,
        "capacity_kw": np.where(
            breaks, brackets.safe_kw[site, first], brackets.safe_kw.min(axis=1)
        ),
        "is_least": ~breaks,
        "limit": np.where(breaks, names[first], NOTHING_BREAKS),
        "at": _places(setting, brackets, first),
        "situation": _situations(setting, brackets.situation[site, first]),
    }
    reached = np.isfinite(brackets.broken_kw)
    by_limit_kw = np.where(reached, brackets.safe_kw, np.nan)
    for k, name in enumerate(limit_names(setting)[:-1]):
        columns[kw_column(name)] = by_limit_kw[:, k]
    return pd.DataFrame(columns)


def _places(setting: Setting, brackets: Brackets, first: np.ndarray) -> list[str]:
    """Where the limit that ends each capacity breaks; empty where none does or there is no power flow."""
    names = []
    for site, limit in enumerate(first):
        place = brackets.place[site, limit]
        names.append(setting.gauges[limit].names[place] if place >= 0 else "")
    return names


def _situations(setting: Setting, index: np.ndarray) -> list[str]:
    """Names of situations; empty for -1."""
    names = [*(base.situation.name for base in setting.bases), ""]
    return [names[k] for k in index]
