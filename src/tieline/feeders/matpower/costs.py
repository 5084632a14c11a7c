"""Costs of generators: `mpc.gencost` as currency per kWh and per kW^2 h.

A row states a polynomial of P in MW, highest power first, or points of a piecewise linear cost; both in currency per hour. A cost
that is a straight line or a convex parabola is kept, any other named. Source: MATPOWER manual, appendix B, "Generator Cost Data".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.feeders.findings import Finding
from tieline.feeders.matpower.script import Case
from tieline.feeders.unread_costs import COST_DROPPED
from tieline.typing import FloatArray
from tieline.units import tidy

PIECEWISE = 1
POLYNOMIAL = 2
MODEL = 0
NCOST = 3
COST = 4
"""Columns of the matrix, from 0."""

STRAIGHT = 1e-9
"""Relative difference of slopes up to which points lie on one line."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Linear and quadratic cost [currency/kWh, currency/(kW^2 h)] and the cost at no power [currency/h]; None if not stated."""

    per_kwh: float | None = None
    per_kw2h: float | None = None
    constant: float = 0.0
    is_dropped: bool = False


UNKNOWN = Cost()
DROPPED = Cost(is_dropped=True)


def read_costs(case: Case) -> list[Cost]:
    """Cost of each generator, row by row of `mpc.gen`."""
    count = len(case.matrices["gen"])
    costs = [UNKNOWN] * count
    if case.gencost is not None:
        # rows beyond those of active power state costs of reactive power
        for k, row in enumerate(case.gencost[:count]):
            costs[k] = _cost(row)
    return costs


def note_costs(case: Case, costs: list[Cost]) -> list[Finding]:
    """What optimal power flows leave out of the costs without harm to the optimum of active power."""
    in_service = case.column("gen", "GEN_STATUS") > 0
    constant = sum(
        cost.constant
        for cost, is_used in zip(costs, in_service, strict=True)
        if is_used
    )
    notes = []
    if constant:
        message = f"the part of the costs that no decision changes is left out: {constant:g} per hour."
        notes.append(_note("COST_CONSTANT", "gencost", message))
    if case.gencost is not None and np.any(case.gencost[len(costs) :, COST:] != 0):
        notes.append(
            _note("COST_REACTIVE", "gencost", "costs of reactive power are left out.")
        )
    return notes


def note_dropped(component: str, message: str, remedy: str) -> Finding:
    """Name a cost that an optimum must not take for nothing; see `feeders.unread_costs`."""
    return _note(COST_DROPPED, component, message, remedy)


def _note(what: str, component: str, message: str, remedy: str = "") -> Finding:
    return Finding(f"MATPOWER.{what}", "warning", component, message, remedy)


def _cost(row: FloatArray) -> Cost:
    # before `int`, which stops at NaN; cells behind the stated number of them may hold anything
    if len(row) <= COST or not np.isfinite(row[: COST + 1]).all():
        return DROPPED
    model = row[MODEL]
    count = int(row[NCOST])
    numbers = row[COST:]
    if model == POLYNOMIAL and 0 <= count <= len(numbers):
        return _polynomial(numbers[:count])
    # a point is a power and its cost; one point alone has no slope
    if model == PIECEWISE and 2 <= count <= len(numbers) // 2:
        return _piecewise(numbers[: 2 * count])
    return DROPPED


def _polynomial(highest_first: FloatArray) -> Cost:
    padding = [0.0] * max(0, 3 - len(highest_first))
    # the format writes the highest power first and leaves out those above it
    constant, linear, square, *higher = [*highest_first[::-1], *padding]
    if not np.isfinite(highest_first).all() or any(higher) or square < 0:
        return DROPPED
    per_kw2h = tidy(square / 1e6) if square else None
    return Cost(tidy(linear / 1e3), per_kw2h, float(constant))


def _piecewise(points: FloatArray) -> Cost:
    """The one slope of all points."""
    p_mw = points[::2]
    cost = points[1::2]
    steps = np.diff(p_mw)
    if not np.isfinite(points).all() or np.any(steps <= 0):
        return DROPPED
    slopes = np.diff(cost) / steps
    # slopes of one straight line differ by rounding alone
    if np.ptp(slopes) > STRAIGHT * np.abs(slopes).max():
        return DROPPED
    slope = slopes[0]
    constant = cost[0] - slope * p_mw[0]
    return Cost(tidy(slope / 1e3), None, float(constant))
