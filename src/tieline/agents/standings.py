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
    return Standings(np.zeros(n_ends, dtype=np.int64), np.zeros(1, dtype=np.int64), np.zeros(2))


@compiled
def settle(standings, q, end, is_new, top):
    """Move an end whose value in `q`, (state,), changed to its place; whether the first `top` places are others now."""
    order, count = standings.order, standings.count
    if is_new:
        order[count[0]] = end
        count[0] += 1
    first = _place_of(order, end)
    place = _moved(order, count[0], q, first)
    _set_mark(standings, q, top)
    return min(first, place) < top and (is_new or place != first)


@compiled
def _place_of(order, end):
    place = 0
    while order[place] != end:
        place += 1
    return place


@compiled
def _moved(order, count, q, place):
    """Where an end comes to rest among its neighbours; it passes no equal one."""
    while place > 0 and q[order[place - 1]] < q[order[place]]:
        order[place - 1], order[place] = order[place], order[place - 1]
        place -= 1
    while place < count - 1 and q[order[place + 1]] > q[order[place]]:
        order[place + 1], order[place] = order[place], order[place + 1]
        place += 1
    return place


@compiled
def _set_mark(standings, q, top):
    """While few ends were tried, those of the better half matter."""
    count = standings.count[0]
    tried = q[standings.order[:count]]
    standings.mark[0] = tried[max(min(top, count // 2), 1) - 1]
    standings.mark[1] = tried.std()
