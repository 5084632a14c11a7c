"""Curves of the engine as characteristics: straight between points within bounds, constant outside.

OpenDSS goes on straight beyond the ends of an `XYCurve`, and cuts what comes out at the bounds. Points where it gets there say
the same with constant ends.
"""

from __future__ import annotations

from itertools import pairwise

from tieline.feeders.opendss.circuit import DssCircuit

Points = tuple[tuple[float, ...], tuple[float, ...]]
"""First axis, rising, and what comes out."""


def curve_points(
    circuit: DssCircuit, name: str, low: float, high: float
) -> Points | None:
    """The curve of that name between two bounds; None where its first axis does not rise."""
    by_name = {
        str(curve["Name"]).lower(): curve
        for curve in circuit.objects("XYCurve", full=True)
    }
    curve = by_name[name.lower()]
    columns = (curve["XArray"], curve["YArray"])
    points = [(float(x), float(y)) for x, y in zip(*columns, strict=True)]
    if not points or any(first[0] >= second[0] for first, second in pairwise(points)):
        return None
    if len(points) == 1:
        ((x, y),) = points
        # one point is a constant, which two points say too
        points = [(x, y), (x + 1.0, y)]
    return bounded(points, low, high)


def bounded(points: list[tuple[float, float]], low: float, high: float) -> Points:
    """Two or more points, gone on straight to the bounds and cut there."""
    extended = [*_beyond(points[1], points[0], low, high), *points]
    extended += _beyond(points[-2], points[-1], low, high)
    cut: list[tuple[float, float]] = []
    for first, second in pairwise(extended):
        cut.append(_within(first, low, high))
        cut.extend(_crossings(first, second, low, high))
    cut.append(_within(extended[-1], low, high))
    return tuple(x for x, _ in cut), tuple(y for _, y in cut)


def _beyond(
    inner: tuple[float, float], end: tuple[float, float], low: float, high: float
) -> list[tuple[float, float]]:
    """Where the line from an inner point through the end meets a bound, if it does beyond the end."""
    rise = end[1] - inner[1]
    bound = high if rise > 0 else low
    is_at_bound = not low < end[1] < high
    if rise == 0 or is_at_bound:
        return []
    x = end[0] + (bound - end[1]) * (end[0] - inner[0]) / rise
    return [(x, bound)]


def _crossings(
    first: tuple[float, float], second: tuple[float, float], low: float, high: float
) -> list[tuple[float, float]]:
    """Points between two others at which a bound is passed, in their order."""
    rise = second[1] - first[1]
    width = second[0] - first[0]
    bounds = sorted((low, high), reverse=rise < 0)
    passed = [
        bound
        for bound in bounds
        if min(first[1], second[1]) < bound < max(first[1], second[1])
    ]
    return [(first[0] + (bound - first[1]) * width / rise, bound) for bound in passed]


def _within(point: tuple[float, float], low: float, high: float) -> tuple[float, float]:
    x, y = point
    return x, min(max(y, low), high)
