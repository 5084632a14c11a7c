"""How much a region in trouble borrows, when, and from whom: the arithmetic between ranking and local control.

    need(t) = sum over the region's buses of max(0, excess_i(t) - f peak_i),      excess_i(t) = reverse power above the limit

A bus meets its need from its own battery as far as power and energy reach, spread over the steps in proportion to the need; the
rest is borrowed. With f = 0 the region keeps its reverse-power limit. Where lenders cannot give that much, f is the smallest
share of the peaks to which the region can be lowered: what there is goes where the reverse power, and with it the voltage, is
highest. So batteries last through the hours that matter, which is the purpose of the method (figure 4.3 of the source).

Buses lend in the order of their ranking, until the need with f = 0 is covered in power and energy; each gives the same share of
what it lends in every step.

Source: M. Al-Saffar, PhD thesis, University of Alberta, sections 4.2 and 4.3. The proportional spread and f are tieline's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.typing import FloatArray

HALVINGS = 40
"""Halvings of the interval that holds f: to the last digits of a power."""


@dataclass(frozen=True, eq=False)
class Region:
    """What a region has to absorb in the steps in which it is at risk.

    Attributes:
        excess_kw: reverse power above the limit without batteries, 0 in other steps, (step, bus) [kW].
        own_kw, own_kwh: power of each bus' batteries and energy they can take at the terminal, (bus,).
        hours: length of a step [h].
    """

    excess_kw: FloatArray
    own_kw: FloatArray
    own_kwh: FloatArray
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
        level: f, the share of its peak reverse power above the limit that the region keeps, 0 to 1.
        own_kw: charge of the region's own batteries, (step, bus) [kW].
        borrowed_kw: charge taken over by lenders for each bus of the region, (step, bus) [kW].
        lent_kw: the same by lender, (step, lender) [kW].
        lenders: in the order of the ranking; each gives something, if anything is borrowed.
        required_kwh: what the region's own batteries cannot absorb above the limit, C_r.
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
    _, wanted = _split(region, 0.0)
    required_kwh = float(wanted.sum()) * region.hours
    lenders = _enough(wanted.sum(axis=1), required_kwh, ranked)
    power_kw, energy_kwh = pooled(lenders)
    level = _lowest_level(region, power_kw, energy_kwh)
    own, borrowed = _split(region, level)
    share = np.array([lender.kwh for lender in lenders]) / energy_kwh if energy_kwh > 0 else np.zeros(len(lenders))
    covered_kwh = required_kwh if level == 0 else float(borrowed.sum()) * region.hours
    return Loan(
        level=level,
        own_kw=own,
        borrowed_kw=borrowed,
        lent_kw=borrowed.sum(axis=1)[:, None] * share,
        lenders=lenders,
        required_kwh=required_kwh,
        missing_kwh=max(required_kwh - covered_kwh, 0.0),
    )


def pooled(lenders: Sequence[Lender]) -> tuple[float, float]:
    """Power [kW] and energy [kWh] of lenders that give in proportion to their energy: the one short of power limits all."""
    energy = sum(lender.kwh for lender in lenders)
    ratios = [lender.kw / lender.kwh for lender in lenders if lender.kwh > 0]
    return (min(ratios) * energy, energy) if ratios else (0.0, 0.0)


def _enough(wanted_kw: FloatArray, required_kwh: float, ranked: Sequence[Lender]) -> tuple[Lender, ...]:
    """The first lenders that cover power and energy; all if they do not."""
    peak_kw = float(wanted_kw.max(initial=0.0))
    for count in range(len(ranked) + 1):
        power_kw, energy_kwh = pooled(ranked[:count])
        if power_kw >= peak_kw and energy_kwh >= required_kwh:
            return tuple(ranked[:count])
    return tuple(ranked)


def _split(region: Region, level: float) -> tuple[FloatArray, FloatArray]:
    """Need above a level, met by own batteries and borrowed, both (step, bus) [kW]."""
    peak = region.excess_kw.max(axis=0, initial=0.0)
    need = np.maximum(region.excess_kw - level * peak, 0.0)
    energy = need.sum(axis=0) * region.hours
    share = np.divide(region.own_kwh, energy, out=np.ones(len(energy)), where=energy > region.own_kwh)
    own = np.minimum(need * share, region.own_kw)
    return own, need - own


def _lowest_level(region: Region, power_kw: float, energy_kwh: float) -> float:
    """Smallest f that own batteries and lenders can hold."""

    def can_hold(level: float) -> bool:
        borrowed = _split(region, level)[1].sum(axis=1)
        return bool(borrowed.max(initial=0.0) <= power_kw and borrowed.sum() * region.hours <= energy_kwh)

    if can_hold(0.0):
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if can_hold(middle) else (middle, high)
    return high
