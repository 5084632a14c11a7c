"""Transformers of a single-phase equivalent: three-phase units, and banks of single-phase units from phase to neutral.

Leakage and resistance in percent stay; a bank has the rating of its units together. Connections remain as the angle by which
winding 2 lags winding 1: 30 degrees between wye and delta, the low-voltage side behind unless stated otherwise (ANSI C57.12.00,
5.7.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tieline.feeders.elements import Transformer, Winding
from tieline.feeders.feeder import Feeder
from tieline.units import SQRT3

SHIFT_DEG = 30.0

Ends = tuple[str, ...]


def equivalent_transformers(feeder: Feeder) -> Iterator[Transformer]:
    """Every three-phase unit and every bank, in the order of the feeder."""
    for bank in banks_of(feeder):
        first = bank[0]
        count = len(bank)
        windings = [
            _one_phase(winding, first.phases, count) for winding in first.windings
        ]
        rating_kva = first.rating_kva
        if rating_kva is not None:
            rating_kva *= count
        yield replace(
            first,
            phases=1,
            windings=tuple(windings),
            # nothing floats where all is tied to ground
            antifloat_ppm=0.0,
            low_side_leads=False,
            shift_deg=_shift_deg(first),
            rating_kva=rating_kva,
        )


def banks_of(feeder: Feeder) -> list[list[Transformer]]:
    """Three-phase units each alone; single-phase units that join the same buses together."""
    banks: list[list[Transformer]] = []
    by_ends: dict[Ends, list[Transformer]] = {}
    for unit in feeder.transformers:
        ends = tuple(winding.bus for winding in unit.windings)
        if unit.phases == 1 and ends in by_ends:
            by_ends[ends].append(unit)
            continue
        bank = [unit]
        banks.append(bank)
        if unit.phases == 1:
            by_ends[ends] = bank
    return banks


def _one_phase(winding: Winding, phases: int, count: int) -> Winding:
    """The winding of a unit of `phases`, of which a bank has `count`."""
    kv = winding.kv
    # line-to-line in a three-phase unit already, to neutral in one of a phase
    if phases == 1:
        kv = winding.kv * SQRT3
    kva = winding.kva * count
    return replace(winding, nodes=(1, 0), connection="wye", kv=kv, kva=kva)


def _shift_deg(unit: Transformer) -> float:
    first, second = unit.windings
    if first.connection == second.connection:
        return 0.0
    second_lags = second.kv < first.kv
    if unit.low_side_leads:
        second_lags = not second_lags
    return SHIFT_DEG if second_lags else -SHIFT_DEG
