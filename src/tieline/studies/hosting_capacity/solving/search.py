"""The search for each deployment's capacity: where, between two levels, a limit breaks.

The levels of a run bracket it: the highest below the first that breaks a limit, and that one. The bracket is halved on the same
draws, all deployments of a group at once, `HALVINGS` times: with steps of 10 % to 0.31 %. As configured each limit is searched
for by itself, so that one can say what the feeder would host if that limit were the only one; in what-ifs all limits together.

It is taken that a limit which breaks once goes on breaking as PV grows. Where it does not, as regulators can bring about, one of
several crossings within the bracket is found.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.studies.hosting_capacity.solving.cases import Group, solve_cases
from tieline.studies.hosting_capacity.solving.tally import Tables
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.studies.hosting_capacity.world.variants import Variant
from tieline.typing import BoolArray, IntArray

HALVINGS = 5
"""A bracket ends at a 32nd of the step between levels: finer than the systems that a deployment grows by on all but the largest
feeders.
"""

ANY = "any"
"""All limits together, in place of the name of one."""


class _Search:
    """Brackets of one limit, or of several together, in every deployment of a group."""

    def __init__(self, setting: Setting, names: tuple[str, ...], cases: pd.DataFrame):
        """`names`: the limits; `cases`: at the levels of the run, the levels of one deployment after those of the other."""
        kinds = setting.config.limit_numbers.kinds
        self._kinds = [kind for kind in kinds if kind.name in names]
        levels_pct = np.array(setting.levels_pct)
        n_levels = len(levels_pct)
        self.count = len(cases) // n_levels
        self.safe_pct = np.full(self.count, np.nan)
        self.broken_pct = np.full(self.count, np.inf)
        self.limit = np.full(self.count, "none", dtype=object)
        self.at = np.full(self.count, "", dtype=object)
        self.when = np.full(self.count, "", dtype=object)
        breaks = self._breaks(cases).reshape(-1, n_levels)
        unsolved = ~cases["converged"].to_numpy().reshape(-1, n_levels)
        first = _first_true(breaks)
        end = np.minimum(first, _first_true(unsolved))
        # of a deployment that was not judged even without PV nothing is known
        has_level = end > 0
        self.safe_pct[has_level] = levels_pct[end[has_level] - 1]
        which = np.flatnonzero((first == end) & (first < n_levels))
        rows = which * n_levels + first[which]
        self._set_broken(which, levels_pct[first[which]], cases.iloc[rows])

    @property
    def is_open(self) -> BoolArray:
        """Deployments with a bracket, (deployment,)."""
        return np.isfinite(self.broken_pct) & np.isfinite(self.safe_pct)

    @property
    def middle_pct(self) -> np.ndarray:
        """Middle of each bracket; 0, which is solved anyway, where there is none."""
        is_open = self.is_open
        middle = np.zeros(self.count)
        middle[is_open] = (self.safe_pct[is_open] + self.broken_pct[is_open]) / 2
        return middle

    def narrow(self, which: IntArray, cases: pd.DataFrame) -> None:
        """Take the cases of deployments `which` at the middles of their brackets."""
        middle = self.middle_pct[which]
        breaks = self._breaks(cases)
        solved = cases["converged"].to_numpy()
        is_open = self.is_open[which]
        safe = is_open & solved & ~breaks
        self.safe_pct[which[safe]] = middle[safe]
        # a level without a solution is not safe: the bracket ends there, and what breaks above it stays
        gap = is_open & ~solved
        self.broken_pct[which[gap]] = middle[gap]
        broken = is_open & breaks
        self._set_broken(which[broken], middle[broken], cases[broken])

    def _breaks(self, cases: pd.DataFrame) -> BoolArray:
        """Whether a case breaks one of the limits, (case,); what has no solution is not judged."""
        points = [cases[f"{kind.column}_points"].to_numpy() for kind in self._kinds]
        return (np.stack(points) > 0).any(axis=0) & cases["converged"].to_numpy()

    def _set_broken(
        self, which: IntArray, level_pct: np.ndarray, cases: pd.DataFrame
    ) -> None:
        self.broken_pct[which] = level_pct
        # from the last limit to the first: of several that break at one level the first of the table of limits is named
        for kind in reversed(self._kinds):
            breaks = cases[f"{kind.column}_points"].to_numpy() > 0
            rows = which[breaks]
            self.limit[rows] = kind.name
            self.at[rows] = cases[f"{kind.column}_at"].to_numpy()[breaks]
            self.when[rows] = cases[f"{kind.column}_when"].to_numpy()[breaks]


def search_capacities(
    setting: Setting,
    variant: Variant,
    group: Group,
    cases: pd.DataFrame,
    by_limit: bool,
) -> Tables:
    """Capacity of each deployment of a group.

    Args:
        setting: what all cases share.
        variant: how they are solved.
        group: the deployments.
        cases: their rows at the levels of the run, as `solve_cases` gives them.
        by_limit: whether each limit is searched for alone.

    Returns:
        `capacities`, a row per limit and deployment: `variant`, `limit`, `deployment`, `safe_pct` (the highest level at which it
        holds, NaN if not judged even without PV), `broken_pct` (the lowest at which it breaks, infinite if it does not), and
        `binding_limit`, `binding_at`, `binding_when` of what breaks there; `effort`, the number of cases solved for each
        deployment, those at the levels of the run with them.
    """
    names = tuple(gauge.kind.name for gauge in setting.gauges if gauge.names)
    questions = {ANY: names}
    if by_limit:
        questions = {name: (name,) for name in names}
    searches = {
        question: _Search(setting, limits, cases)
        for question, limits in questions.items()
    }
    n_cases = np.full(len(group.numbers), len(setting.levels_pct))
    for _ in range(HALVINGS):
        n_cases += _narrow(setting, variant, group, list(searches.values()))
    tables = [
        _table(variant, question, group, search)
        for question, search in searches.items()
    ]
    effort = {
        "variant": variant.key,
        "deployment": group.numbers,
        "n_cases": n_cases,
    }
    return {
        "capacities": pd.concat(tables, ignore_index=True),
        "effort": pd.DataFrame(effort),
    }


def _narrow(
    setting: Setting, variant: Variant, group: Group, searches: list[_Search]
) -> IntArray:
    """Halve every bracket once; returns how many cases that took of each deployment, (deployment,)."""
    n_cases = np.zeros(len(group.numbers), dtype=np.int64)
    pending = [search for search in searches if search.is_open.any()]
    if not pending:
        return n_cases
    is_open = np.stack([search.is_open for search in pending]).any(axis=0)
    which = np.flatnonzero(is_open)
    middles = [search.middle_pct[which] for search in pending]
    levels_pct = np.stack([np.zeros(len(which)), *middles], axis=1)
    solved = solve_cases(setting, variant, group.rows(which), levels_pct)
    n_levels = levels_pct.shape[1]
    for column, search in enumerate(pending, start=1):
        search.narrow(which, solved["cases"].iloc[column::n_levels])
    n_cases[which] = n_levels
    return n_cases


def _table(
    variant: Variant, question: str, group: Group, search: _Search
) -> pd.DataFrame:
    columns = {
        "variant": variant.key,
        "limit": question,
        "deployment": group.numbers,
        "safe_pct": search.safe_pct,
        "broken_pct": search.broken_pct,
        "binding_limit": search.limit,
        "binding_at": search.at,
        "binding_when": search.when,
    }
    return pd.DataFrame(columns)


def _first_true(grid: BoolArray) -> IntArray:
    """Column of the first true of each row, (row,); the number of columns where there is none."""
    return np.where(grid.any(axis=1), grid.argmax(axis=1), grid.shape[1])
