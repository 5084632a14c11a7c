"""`Watched`: which voltage limits have a row in the program.

Of thousands of limits a handful bind. A program with rows for some limits whose optimum keeps all of them has the optimum of the
program with all rows; where it breaks others, these are watched too and it is solved again. What was watched once stays, so later
rounds have its row from the start.

Limits that are broken together are mostly those of one lateral, which the worst of them keeps. So of many broken ones not all are
taken: the worst, and ever fewer of those that miss less, which lie elsewhere. Neighbours of the worst miss nearly as much and
would be broken next, so the nearest of those that hold are taken with them.

Source: G. Dantzig, R. Fulkerson, S. Johnson, "Solution of a large-scale traveling-salesman problem", Operations Research 2(4),
1954: constraints added as they are violated.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.opf.problem import NetworkLimits
from tieline.typing import BoolArray, FloatArray

BROKEN_SHARE = 0.1
"""Of a step's limits, broken ones taken at a time: few enough that the program stays small, many enough that few solves do."""

NEXT_SHARE = 0.02
"""Of a step's limits, taken with them and kept for the next round: those that would be broken next. Changes times, no answers."""


def usual_count(n_points: int) -> int:
    """Limits of a step that are watched once some were broken, lowest and highest voltages together."""
    n_broken = np.ceil(BROKEN_SHARE * n_points)
    n_next = np.ceil(NEXT_SHARE * n_points)
    return 2 * int(n_broken + n_next)


class Watched:
    """Limits with a row, (step, point) each.

    Attributes:
        low, high: whether the lowest and the highest voltage has one.
    """

    def __init__(self, n_steps: int, n_points: int):
        self.low = np.zeros((n_steps, n_points), dtype=bool)
        self.high = np.zeros((n_steps, n_points), dtype=bool)

    @property
    def is_complete(self) -> bool:
        """Whether every limit has a row."""
        return bool(self.low.all() and self.high.all())

    def watch_all(self) -> None:
        """Give every limit a row."""
        self.low[:] = True
        self.high[:] = True

    def take(self, limits: NetworkLimits, vm_pu: FloatArray, least_pu: float) -> bool:
        """Watch limits that voltages (step, point) miss by more than `least_pu` without a row; False if there are none."""
        n_broken = 0
        for miss, is_watched in self._by_step(limits, vm_pu):
            n_broken += _take_step(miss, is_watched, least_pu)
        return n_broken > 0

    def let_go(self, limits: NetworkLimits, vm_pu: FloatArray, least_pu: float) -> None:
        """Watch of the watched limits those that bind to `least_pu` at voltages (step, point), and the nearest of the others."""
        for miss, is_watched in self._by_step(limits, vm_pu):
            n_binding = int((miss > -least_pu).sum())
            n_kept = n_binding + _count(NEXT_SHARE, miss)
            watched_miss = np.where(is_watched, miss, -np.inf)
            is_watched[np.argsort(-watched_miss)[n_kept:]] = False

    def _by_step(
        self, limits: NetworkLimits, vm_pu: FloatArray
    ) -> Iterator[tuple[FloatArray, BoolArray]]:
        """By how much each step misses its limits, (point,) [pu], and which of them are watched, to be changed in place."""
        below = limits.v_min_pu - vm_pu
        above = vm_pu - limits.v_max_pu
        yield from zip(below, self.low, strict=True)
        yield from zip(above, self.high, strict=True)


def _take_step(miss: FloatArray, is_watched: BoolArray, least_pu: float) -> int:
    """Watch limits of one step; how many are broken."""
    unwatched_miss = np.where(is_watched, -np.inf, miss)
    n_broken = int((unwatched_miss > least_pu).sum())
    if n_broken:
        ranks = np.geomspace(1, n_broken, _count(BROKEN_SHARE, miss))
        broken = ranks.astype(int) - 1
        following = np.arange(n_broken, n_broken + _count(NEXT_SHARE, miss))
        worst_first = np.argsort(-unwatched_miss)
        is_watched[worst_first[broken]] = True
        is_watched[worst_first[following[following < len(miss)]]] = True
    return n_broken


def _count(share: float, values: FloatArray) -> int:
    return int(np.ceil(share * len(values)))
