"""A feeder made stronger: the what-ifs on the impedance that PV sees.

    lines      n equal circuits in place of each: Z / n, n C, n times the rating
    source     the Thevenin impedance of the grid behind the feeder, divided by n

The hosting capacity by high voltage of one bus is inversely proportional to the Thevenin impedance there (M. Al-Saffar, PhD
thesis, University of Alberta, eq. 3.3), which is that of the source and of the lines up to it. Left out: coupling between the
circuits of a line, and the other geometry of a thicker conductor, which lowers R more than X.
"""

from __future__ import annotations

import dataclasses

from tieline.feeders import Feeder
from tieline.feeders.elements import Line, LineCode, Matrix, Source

IMPEDANCES = ("r1_ohm", "x1_ohm", "r0_ohm", "x0_ohm", "r2_ohm", "x2_ohm")
"""Fields of a source."""


def with_circuits(feeder: Feeder, count: float) -> Feeder:
    """The feeder with so many equal circuits in place of every line; switches stay as they are."""
    # lines share their codes, and keep doing so
    codes = {id(line.code): _divided(line.code, count) for line in feeder.lines}
    lines = [
        line if line.is_switch else _with_code(line, codes[id(line.code)], count)
        for line in feeder.lines
    ]
    return feeder.replace(lines=tuple(lines))


def with_source_divided(feeder: Feeder, count: float) -> Feeder:
    """The feeder with the impedance of its sources divided by a number."""
    sources = tuple(_divided_source(source, count) for source in feeder.sources)
    return feeder.replace(sources=sources)


def has_source_impedance(feeder: Feeder) -> bool:
    """Whether a source is not ideal."""
    return any(
        getattr(source, name) for source in feeder.sources for name in IMPEDANCES
    )


def _with_code(line: Line, code: LineCode, count: float) -> Line:
    return dataclasses.replace(
        line,
        code=code,
        rating_a=_times(line.rating_a, count),
        rating_kva=_times(line.rating_kva, count),
    )


def _divided(code: LineCode, count: float) -> LineCode:
    return dataclasses.replace(
        code,
        r_ohm_per_km=_scaled(code.r_ohm_per_km, 1 / count),
        x_ohm_per_km=_scaled(code.x_ohm_per_km, 1 / count),
        c_nf_per_km=_scaled(code.c_nf_per_km, count),
        rating_a=_times(code.rating_a, count),
    )


def _divided_source(source: Source, count: float) -> Source:
    changes = {name: _times(getattr(source, name), 1 / count) for name in IMPEDANCES}
    return dataclasses.replace(source, **changes)


def _scaled(matrix: Matrix, factor: float) -> Matrix:
    return tuple(tuple(value * factor for value in row) for row in matrix)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
