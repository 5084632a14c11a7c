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
class Region:
    """What a region has to absorb in the steps in which it is at risk.

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


def arrange_loan(region: Region, ranked: Sequence[Lender]) -> Loan:
    """Who lends how much to a region, and when.

    Args:
        region: what it has to absorb.
        ranked: possible lenders, best first.
    """
    own = _own(region)
    left, peak = region.excess_kw - own, region.excess_kw.max(axis=0, initial=0.0)
    wanted = np.maximum(left.sum(axis=1), region.least_kw)
    required_kwh = float(wanted.sum()) * region.hours
    lenders = _enough(wanted, required_kwh, ranked)
    power_kw, energy_kwh = pooled(lenders)

    def lent_at(level: float, least_level: float) -> FloatArray:
        return np.maximum(
            _above(region.least_kw, least_level, region.least_kw.max()),
            _above(left, level, peak).sum(axis=1),
        )

    def is_too_much(lent: FloatArray) -> BoolArray:
        return np.array(
            [lent.max(initial=0.0) > power_kw or lent.sum() * region.hours > energy_kwh]
        )

    least_level = float(_lowest_level(lambda f: is_too_much(lent_at(1.0, f[0])), 1)[0])
    level = float(_lowest_level(lambda f: is_too_much(lent_at(f[0], least_level)), 1)[0])
    lent = lent_at(level, least_level)
    return Loan(
        level=level,
        own_kw=own,
        borrowed_kw=left * _part(lent, left.sum(axis=1))[:, None],
        lent_kw=lent[:, None] * np.array([lender.kwh / energy_kwh for lender in lenders]),
        lenders=lenders,
        required_kwh=required_kwh,
        missing_kwh=required_kwh - float(lent.sum()) * region.hours,
    )


def _part(lent: FloatArray, left: FloatArray) -> FloatArray:
    """How much of what is left is taken over, 0 to 1."""
    return np.minimum(np.divide(lent, left, out=np.zeros(len(left)), where=left > 0), 1.0)


def pooled(lenders: Sequence[Lender]) -> tuple[float, float]:
    """Power [kW] and energy [kWh] of lenders that give in proportion to their energy: the one short of power limits all."""
    energy = sum(lender.kwh for lender in lenders)
    ratios = [lender.kw / lender.kwh for lender in lenders if lender.kwh > 0]
    return (min(ratios) * energy, energy) if ratios else (0.0, 0.0)


def _enough(
    wanted_kw: FloatArray, required_kwh: float, ranked: Sequence[Lender]
) -> tuple[Lender, ...]:
    """The first lenders that cover power and energy; all if they do not."""
    peak_kw = float(wanted_kw.max(initial=0.0))
    for count in range(len(ranked) + 1):
        power_kw, energy_kwh = pooled(ranked[:count])
        if power_kw >= peak_kw and energy_kwh >= required_kwh:
            return tuple(ranked[:count])
    return tuple(ranked)


def _own(region: Region) -> FloatArray:
    """What the region's own batteries absorb, (step, bus) [kW]."""
    peak = region.excess_kw.max(axis=0, initial=0.0)

    def absorbed(level: FloatArray) -> FloatArray:
        return np.minimum(_above(region.excess_kw, level, peak), region.own_kw)

    level = _lowest_level(
        lambda level: absorbed(level).sum(axis=0) * region.hours > region.own_kwh, len(peak)
    )
    return absorbed(level)


def _above(excess_kw: FloatArray, level: FloatArray | float, peak_kw: FloatArray) -> FloatArray:
    return np.maximum(excess_kw - level * peak_kw, 0.0)


def _lowest_level(is_too_much: Callable[[FloatArray], BoolArray], count: int) -> FloatArray:
    """Smallest levels from 0 to 1 that are not too much, each by itself, (level,); 1 never is."""
    low, high = np.zeros(count), np.where(is_too_much(np.zeros(count)), 1.0, 0.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        too_much = is_too_much(middle)
        low, high = np.where(too_much, middle, low), np.where(too_much, high, middle)
    return high
