"""The order of the ends by value, kept up to date walk by walk, compiled.

Two numbers of it steer a search for the first `top` ends: the value of the last of these places, above which it does not matter
how good an end is, and the standard deviation of all values, which says how much a difference is worth.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.kernel.compiled import compiler
from tieline.typing import FloatArray, IntArray

compiled = compiler(nogil=True)


class Standings(NamedTuple):
    """Ends by falling value: the first `count[0]` of `order`, (end,). `mark`: value of the last place that matters, spread of all
    values, (2,).
    """

    order: IntArray
    count: IntArray
    mark: FloatArray


def empty_standings(n_ends: int) -> Standings:
    """Before the first walk."""
    return Standings(
        np.zeros(n_ends, dtype=np.int64), np.zeros(1, dtype=np.int64), np.zeros(2)
    )


@compiled
def sort_in(standings, q, end, is_new, top):
    """Move an end whose value in `q`, (state,), changed to its place; whether the first `top` places are others now."""
    order = standings.order
    if is_new:
        order[standings.count[0]] = end
        standings.count[0] += 1
    old_place = _place_of(order, end)
    new_place = _shift(order, standings.count[0], q, old_place)
    _set_mark(standings, q, top)
    return min(old_place, new_place) < top and (is_new or new_place != old_place)


@compiled
def _place_of(order, end):
    place = 0
    while order[place] != end:
        place += 1
    return place


@compiled
def _shift(order, count, q, place):
    """Move an end past its neighbours to where it belongs, which is returned; it passes no equal one."""
    end = order[place]
    value = q[end]
    while place > 0 and q[order[place - 1]] < value:
        order[place] = order[place - 1]
        place -= 1
    while place < count - 1 and q[order[place + 1]] > value:
        order[place] = order[place + 1]
        place += 1
    order[place] = end
    return place


@compiled
def _set_mark(standings, q, top):
    """While few ends were tried, those of the better half matter."""
    count = standings.count[0]
    values = q[standings.order[:count]]
    last_place = max(min(top, count // 2), 1)
    standings.mark[0] = values[last_place - 1]
    standings.mark[1] = values.std()
