"""How much a region in trouble borrows, when, and from whom: the arithmetic between ranking and local control.

Both the region's own batteries and its lenders cut off the top of what the region has to absorb, the excess of each bus b:

    own_b(t) = min(max(0, excess_b(t) - g_b peak_b), P_own_b)
    lent(t)  = max(least(t), sum over b of max(0, excess_b(t) - own_b(t) - f peak_b))

with g, of each bus, and f, of all together, the smallest shares of the peak that energy and power allow. So batteries last
through the hours that matter (figure 4.3 of the source) and act where the reverse power, and with it the voltage, is highest.
What the voltage needs, `least`, comes first; if not even that can be lent, its own top is cut off. With f = 0 the region keeps
its reverse-power limit; otherwise something is missing.

Buses lend in the order of their ranking, until all is covered in power and energy; each gives the same share of what it lends
in every step.

Source: M. Al-Saffar, PhD thesis, University of Alberta, sections 4.2 and 4.3. `least` and cutting the top are tieline's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tieline.typing import BoolArray, FloatArray

HALVINGS = 40
"""Halvings of the interval that holds a level: to the last digits of a power."""


@dataclass(frozen=True, eq=False)
class Need:
    """What the buses at risk have to absorb in the steps in which their region is.

    Attributes:
        excess_kw: reverse power above the limit without batteries, 0 in other steps, (step, bus) [kW].
        own_kw, own_kwh: power of each bus' batteries and energy they can take at the terminal, (bus,).
        least_kw: charge that lenders owe to the voltage, whatever the reverse power, (step,) [kW].
        hours: length of a step [h].
    """

    excess_kw: FloatArray
    own_kw: FloatArray
    own_kwh: FloatArray
    least_kw: FloatArray
    hours: float


@dataclass(frozen=True, eq=False)
class Lender:
    """What a bus can lend: name, power [kW] and energy at its terminal [kWh]."""

    bus: str
    kw: float
    kwh: float


@dataclass(frozen=True, eq=False)
class Loan:
    """Who lends what.

    Attributes:
        level: f, the share of its peak excess that the region keeps, 0 to 1.
        own_kw: charge of the region's own batteries, (step, bus) [kW].
        borrowed_kw: reverse power taken over by lenders for each bus of the region, (step, bus) [kW].
        lent_kw: charge of each lender, (step, lender) [kW]; more than is borrowed where the voltage asks for it.
        lenders: in the order of the ranking; each gives something, if anything is lent.
        required_kwh: what the region's own batteries cannot absorb, C_r, and what the voltage needs beyond it.
        missing_kwh: the part of it that nobody covers.
    """

    level: float
    own_kw: FloatArray
    borrowed_kw: FloatArray
    lent_kw: FloatArray
    lenders: tuple[Lender, ...]
    required_kwh: float
    missing_kwh: float


def arrange_loan(need: Need, ranked: Sequence[Lender]) -> Loan:
    """Who lends how much to a region, and when.

    Args:
        need: what the region has to absorb.
        ranked: possible lenders, best first.
    """
    # the region's own batteries go first: what they take needs no path and no account
    own_kw = _own(need)
    uncovered_kw = need.excess_kw - own_kw
    wanted_kw = np.maximum(uncovered_kw.sum(axis=1), need.least_kw)
    required_kwh = float(wanted_kw.sum()) * need.hours
    lenders = _enough(wanted_kw, required_kwh, ranked)
    level, lent_kw = _fit(need, uncovered_kw, pooled(lenders))
    pool_kwh = sum(lender.kwh for lender in lenders)
    share = np.array([lender.kwh / pool_kwh for lender in lenders])
    return Loan(
        level=level,
        own_kw=own_kw,
        borrowed_kw=uncovered_kw * _part(lent_kw, uncovered_kw.sum(axis=1))[:, None],
        lent_kw=lent_kw[:, None] * share,
        lenders=lenders,
        required_kwh=required_kwh,
        missing_kwh=required_kwh - float(lent_kw.sum()) * need.hours,
    )


def _own(need: Need) -> FloatArray:
    """What the region's own batteries absorb, (step, bus) [kW]."""
    peak_kw = need.excess_kw.max(axis=0, initial=0.0)

    def absorbed_kw(level: FloatArray) -> FloatArray:
        return np.minimum(_above(need.excess_kw, level, peak_kw), need.own_kw)

    def is_too_much(level: FloatArray) -> BoolArray:
        return absorbed_kw(level).sum(axis=0) * need.hours > need.own_kwh

    return absorbed_kw(_lowest_levels(is_too_much, len(peak_kw)))


def _enough(
    wanted_kw: FloatArray, required_kwh: float, ranked: Sequence[Lender]
) -> tuple[Lender, ...]:
    """The first lenders that cover power and energy; all if they do not."""
    peak_kw = float(wanted_kw.max(initial=0.0))
    # nobody is asked where nothing is wanted; and energy of many may still be short of the power of one step
    for count in range(len(ranked) + 1):
        power_kw, energy_kwh = pooled(ranked[:count])
        if power_kw >= peak_kw and energy_kwh >= required_kwh:
            return tuple(ranked[:count])
    return tuple(ranked)


def pooled(lenders: Sequence[Lender]) -> tuple[float, float]:
    """Power [kW] and energy [kWh] of lenders that give in proportion to their energy: the one short of power limits all."""
    energy_kwh = sum(lender.kwh for lender in lenders)
    kw_per_kwh = [lender.kw / lender.kwh for lender in lenders if lender.kwh > 0]
    if not kw_per_kwh:
        return 0.0, 0.0
    return min(kw_per_kwh) * energy_kwh, energy_kwh


def _fit(
    need: Need, uncovered_kw: FloatArray, pool: tuple[float, float]
) -> tuple[float, FloatArray]:
    """The level f that a pool of power and energy can keep, and what is lent then, (step,) [kW]."""
    power_kw, energy_kwh = pool
    peak_kw = need.excess_kw.max(axis=0, initial=0.0)

    def lent_kw(level: float, least_level: float) -> FloatArray:
        owed_kw = _above(need.least_kw, least_level, need.least_kw.max())
        top_kw = _above(uncovered_kw, level, peak_kw)
        return np.maximum(owed_kw, top_kw.sum(axis=1))

    def is_too_much(kw: FloatArray) -> bool:
        return kw.max(initial=0.0) > power_kw or kw.sum() * need.hours > energy_kwh

    # the voltage comes first: its level is found as if nothing were lent to the reverse power, and stays
    least_level = _lowest_level(lambda level: is_too_much(lent_kw(1.0, level)))
    level = _lowest_level(lambda level: is_too_much(lent_kw(level, least_level)))
    return level, lent_kw(level, least_level)


def _part(lent_kw: FloatArray, uncovered_kw: FloatArray) -> FloatArray:
    """How much of what is not covered is taken over, (step,), 0 to 1."""
    part = np.zeros(len(uncovered_kw))
    np.divide(lent_kw, uncovered_kw, out=part, where=uncovered_kw > 0)
    return np.minimum(part, 1.0)


def _above(
    excess_kw: FloatArray, level: FloatArray | float, peak_kw: FloatArray | float
) -> FloatArray:
    return np.maximum(excess_kw - level * peak_kw, 0.0)


def _lowest_level(is_too_much: Callable[[float], bool]) -> float:
    """The smallest level from 0 to 1 that is not too much; 1 never is."""
    levels = _lowest_levels(lambda level: np.array([is_too_much(level[0])]), 1)
    return float(levels[0])


def _lowest_levels(
    is_too_much: Callable[[FloatArray], BoolArray], count: int
) -> FloatArray:
    """Smallest levels from 0 to 1 that are not too much, each by itself, (level,); 1 never is."""
    low = np.zeros(count)
    # where nothing has to be cut at all, level 0 is the answer and the interval is empty
    high = np.where(is_too_much(low), 1.0, 0.0)
    if not high.any():
        return high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        too_much = is_too_much(middle)
        low = np.where(too_much, middle, low)
        high = np.where(too_much, high, middle)
    return high
