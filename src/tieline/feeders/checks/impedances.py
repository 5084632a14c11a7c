"""Impedances that no power line or transformer has: negative, so small that a computer cannot carry them, so large that nothing
passes. A power flow can be worked out with them, therefore these are warnings.

Left out: impedances that are merely unusual. Equivalents of networks and of windings have negative ones on purpose.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from tieline.feeders.checks.common import listing, warning
from tieline.feeders.elements import Line, Matrix, Transformer
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding
from tieline.feeders.smallest import smallest_impedance_pu
from tieline.units import S_BASE_KVA

NAMED = 3
"""Elements that a message names; it counts the others."""

MOST_PCT = 100.0
"""A transformer beyond it drops all of its voltage before its rated current flows."""

LEAST_KVA = 1.0
"""A line through which a short circuit takes less than one kettle does not supply anything."""


def check_negative_impedances(feeder: Feeder) -> Iterator[Finding]:
    """No conductor has a negative resistance, nor a negative reactance unless it is meant as a series capacitor."""
    negative_r = [
        line.name
        for line in feeder.lines
        if _least_diagonal(line.code.r_ohm_per_km) < 0
    ]
    negative_x = [
        line.name
        for line in feeder.lines
        if _least_diagonal(line.code.x_ohm_per_km) < 0
    ]
    yield from _on_lines(
        feeder,
        negative_r,
        "NEGATIVE_RESISTANCE",
        "a negative resistance, which generates power: losses come out too small",
    )
    yield from _on_lines(
        feeder,
        negative_x,
        "NEGATIVE_REACTANCE",
        "a negative reactance, as a series capacitor has",
    )


def check_small_impedances(feeder: Feeder) -> Iterator[Finding]:
    """No line is so short that double precision loses its current; switches are meant to be."""
    smallest_pu = smallest_impedance_pu(feeder)
    base_ohm = _base_ohm(feeder)
    short = [
        line.name
        for line in feeder.lines
        # from an unknown bus the base is 0, which keeps this check silent: another one reports it
        if not line.is_switch
        and _largest_ohm(line) < smallest_pu * base_ohm.get(line.from_bus, 0.0)
    ]
    yield from _on_lines(
        feeder,
        short,
        "NEAR_ZERO_IMPEDANCE",
        f"an impedance that double precision cannot carry and is raised to {smallest_pu:.2g} of 1 MVA: voltages change by less "
        "than 2e-8 pu",
    )


def check_large_impedances(feeder: Feeder) -> Iterator[Finding]:
    """Through every line and transformer something can pass."""
    base_ohm = _base_ohm(feeder)
    long = [
        line.name
        for line in feeder.lines
        # as a product, because an impedance of zero divides nothing
        if base_ohm.get(line.from_bus, 0.0) * S_BASE_KVA
        < LEAST_KVA * _largest_ohm(line)
    ]
    yield from _on_lines(
        feeder,
        long,
        "HUGE_IMPEDANCE",
        "an impedance through which less than 1 kVA passes even in a short circuit",
    )
    for transformer in feeder.transformers:
        if _largest_pct(transformer) > MOST_PCT:
            message = f"transformer '{transformer.name}' has an impedance of {_largest_pct(transformer):g} % of its rating."
            remedy = "Correct x_pct or r_pct; 4 to 12 % are usual."
            yield warning(
                "transformer", transformer.name, "HUGE_IMPEDANCE", message, remedy
            )


def _on_lines(
    feeder: Feeder, names: list[str], what: str, says: str
) -> Iterator[Finding]:
    """One warning for all lines of a kind."""
    if names:
        unnamed = len(names) - NAMED
        named = [f"'{name}'" for name in names[:NAMED]] + (
            [f"{unnamed} more"] if unnamed > 0 else []
        )
        subject = (
            f"lines {listing(named)} have" if len(names) > 1 else f"line {named[0]} has"
        )
        yield warning(
            "line",
            ", ".join(names[:NAMED]),
            what,
            f"{subject} {says}.",
            "Correct length_km or the code, if it is a slip.",
        )


def _base_ohm(feeder: Feeder) -> dict[str, float]:
    """Impedance of one per unit of 1 MVA at each bus; a product, since a power of a float may overflow into an error."""
    return {bus.name: bus.kv_ll * bus.kv_ll for bus in feeder.buses}


def _least_diagonal(matrix: Matrix) -> float:
    return min(_diagonal(matrix), default=0.0)


def _diagonal(matrix: Matrix) -> list[float]:
    """Self impedances; rows that are too short are another check's."""
    return [row[k] for k, row in enumerate(matrix) if k < len(row)]


def _largest_ohm(line: Line) -> float:
    """Largest self impedance of a line [ohm]; NaN where it has none."""
    r, x = _diagonal(line.code.r_ohm_per_km), _diagonal(line.code.x_ohm_per_km)
    # NaN compares as false: no warning here about a line that another check refuses
    return max(map(math.hypot, r, x), default=math.nan) * line.impedance_factor


def _largest_pct(transformer: Transformer) -> float:
    return max(
        (
            abs(x)
            for x in (*transformer.x_pct, *(w.r_pct for w in transformer.windings))
        ),
        default=0.0,
    )
