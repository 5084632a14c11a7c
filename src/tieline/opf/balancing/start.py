"""`first_setpoints`: where a minute's feeder is linearised first.

Regulators rest at any tap within their bandwidth, so that the set-points of each tap position have an optimum of their own. Idle
DERs lie far from them all: taps that answer the first steps from there may rest where a limit binds harder, 1 % dearer. From what
fills the demand at the lowest offers steps are short. Left out: a search over tap positions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tieline.opf.balancing.minute import Minute
from tieline.typing import ComplexArray, FloatArray


class Warm(Protocol):
    """Where the minute before ended; a `Clearing` is one."""

    @property
    def p_kw(self) -> FloatArray:
        """What was bought of each DER, (der,)."""
        ...

    @property
    def q_kvar(self) -> FloatArray:
        """The Q that each added, (der,)."""
        ...

    @property
    def v_pu(self) -> ComplexArray:
        """Voltages at these, (node,)."""
        ...


@dataclass(frozen=True, eq=False)
class WarmStart:
    """The numbers of `Warm` alone, which can be stored where a clearing with its network cannot."""

    p_kw: FloatArray
    q_kvar: FloatArray
    v_pu: ComplexArray

    @classmethod
    def of(cls, warm: Warm) -> WarmStart:
        """What is kept of a clearing."""
        return cls(warm.p_kw, warm.q_kvar, warm.v_pu)


def first_setpoints(minute: Minute, warm: Warm | None) -> tuple[FloatArray, FloatArray]:
    """P and Q before the first program, (der,) each [kW, kvar]: what is likely, else as the minute before, else by cost.

    Args:
        minute: what is asked.
        warm: the clearing of the minute before, if there is one.
    """
    is_called = minute.chosen.any(axis=0)
    p_kw = _first_p_kw(minute, warm)
    can_give = np.where(is_called, minute.p_max_kw, 0.0)
    p_kw = np.minimum(p_kw, can_give)
    if minute.reactive is None or warm is None:
        return p_kw, np.zeros(minute.n_ders)
    # P may have fallen since: the Q of the minute before need not fit the circle now
    total_kw = minute.injected_kw + p_kw
    last_kvar = minute.injected_kvar + warm.q_kvar
    inside_kvar = minute.reactive.inside(total_kw, last_kvar)
    added_kvar = inside_kvar - minute.injected_kvar
    q_kvar = np.where(is_called, added_kvar, 0.0)
    return p_kw, q_kvar


def _first_p_kw(minute: Minute, warm: Warm | None) -> FloatArray:
    # loads move more from minute to minute than a program departs from what fills the demand by cost
    if minute.likely_kw is not None:
        return minute.likely_kw
    if warm is not None:
        return warm.p_kw
    return filled_kw(minute)


def filled_kw(minute: Minute) -> FloatArray:
    """What called DERs give if the cheapest offers fill the demand of merged regions, losses and limits aside, (der,)."""
    total_kw = np.zeros(minute.n_ders)
    by_offer = np.argsort(minute.offer, kind="stable")
    for label in np.unique(minute.group):
        is_member = minute.group == label
        is_called = minute.chosen[is_member].any(axis=0)
        # a DER that serves several groups gives what is left of it
        free_kw = np.where(is_called, minute.p_max_kw - total_kw, 0.0)
        ordered_kw = free_kw[by_offer]
        before_kw = np.cumsum(ordered_kw) - ordered_kw
        demand_kw = minute.covered_kw[is_member].sum()
        wanted_kw = np.clip(demand_kw - before_kw, 0.0, ordered_kw)
        total_kw[by_offer] += wanted_kw
    return total_kw
