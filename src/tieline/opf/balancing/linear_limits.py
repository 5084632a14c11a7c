"""`LinearLimit`: limits around an AC solution as rows over what DERs inject, made when set-points are past them.

    value at the set-points + slope (inputs - set-points) <= limit

A feeder has thousands of limits of which few bind: those come, worst first, that some set-points are past.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from tieline.opf.balancing.broken import LimitKind, LimitRow
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.balancing.minute import Minute
from tieline.opf.replay import FEASIBLE_PU
from tieline.typing import BoolArray, FloatArray, IntArray

ROWS_AT_ONCE = 20
"""Limits that get a row together, worst first: neighbours say nearly the same, so the worst usually settle the others."""

ROW_ROOM = FEASIBLE_PU / 10
"""How far past its limit a value gets a row, relative to it: well below what a replay calls a violation."""


KINDS: tuple[LimitKind, ...] = ("low", "high", "flow")


class LinearLimit(NamedTuple):
    """slope (inputs beyond the schedule) <= room: a limit around an AC solution, slope (input,)."""

    row: LimitRow
    slope: FloatArray
    room: float


def past_limits(
    minute: Minute,
    feeder: Linearised,
    x: FloatArray,
    inputs: FloatArray,
    has_row: Collection[LimitRow],
) -> list[LinearLimit]:
    """Watched limits that are past at some inputs beyond the schedule, those left out that have a row already.

    Args:
        minute, feeder: what is asked, around which solution.
        x: unknowns of the feeder there.
        inputs: (input,) [kW, kvar].
        has_row: limits not to look at.
    """
    if not (minute.watched_points.any() or minute.watched_flows.any()):
        return []
    at_x = _Values(feeder.voltages(x), feeder.flows(x))
    rows: list[LimitRow] = []
    for kind in KINDS:
        room, scale, is_watched = _room(minute, kind, at_x)
        is_past = is_watched & (-room > ROW_ROOM * scale)
        is_past[_places(kind, has_row)] = False
        worst = _worst(-room / scale, is_past)
        rows += [LimitRow(kind, place) for place in worst.tolist()]
    return _as_linear(minute, feeder, at_x, inputs, rows)


def linear_limits(
    minute: Minute,
    feeder: Linearised,
    x: FloatArray,
    inputs: FloatArray,
    rows: Collection[LimitRow],
) -> list[LinearLimit]:
    """Some limits as linear ones, kind by kind; arguments as in `past_limits`."""
    if not rows:
        return []
    at_x = _Values(feeder.voltages(x), feeder.flows(x))
    return _as_linear(minute, feeder, at_x, inputs, rows)


class _Values(NamedTuple):
    """What is limited: voltages (point,) [pu] and flows (row,) [A, kVA or kW]."""

    voltage: FloatArray
    flow: FloatArray


def _as_linear(
    minute: Minute,
    feeder: Linearised,
    at_x: _Values,
    inputs: FloatArray,
    rows: Collection[LimitRow],
) -> list[LinearLimit]:
    limits: list[LinearLimit] = []
    for kind in KINDS:
        places = np.array(_places(kind, rows), dtype=np.int64)
        if not len(places):
            continue
        room, _, _ = _room(minute, kind, at_x)
        slopes = _slopes(feeder, kind, places)
        at_zero = room[places] + slopes @ inputs
        for k, place in enumerate(places.tolist()):
            row = LimitRow(kind, place)
            limits.append(LinearLimit(row, slopes[k], float(at_zero[k])))
    return limits


def _places(kind: LimitKind, rows: Collection[LimitRow]) -> list[int]:
    return [row.place for row in rows if row.kind == kind]


def _room(
    minute: Minute, kind: LimitKind, at_x: _Values
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """What is left of each limit of a kind, what it is measured by, and whether a region keeps it, (place,) each."""
    limits = minute.limits
    if kind == "flow":
        flows = limits.flows
        room = flows.limit - at_x.flow
        return room, flows.scale, minute.watched_flows
    room = at_x.voltage - limits.v_min_pu
    if kind == "high":
        room = limits.v_max_pu - at_x.voltage
    # voltages are per unit already
    scale = np.ones(len(room))
    return room, scale, minute.watched_points


def _slopes(feeder: Linearised, kind: LimitKind, places: IntArray) -> FloatArray:
    """Derivative of what some limits hold down, (place, der)."""
    if kind == "flow":
        return feeder.flow_slopes(places)
    sign = 1.0 if kind == "high" else -1.0
    return sign * feeder.voltage_slopes(places)


def _worst(excess: FloatArray, is_past: BoolArray) -> IntArray:
    """Places that are past their limit, worst first, not more than get rows together."""
    past = np.flatnonzero(is_past)
    order = np.argsort(-excess[past])
    return past[order[:ROWS_AT_ONCE]]


def limit_prices(
    minute: Minute, price_of: Mapping[LimitRow, float]
) -> tuple[FloatArray, FloatArray]:
    """What limits cost, from what one unit less of each does: per pu at each point, and per unit of each row of branch limits."""
    limits = minute.limits
    voltage_price = np.zeros(len(limits.points.names))
    flow_price = np.zeros(len(limits.flows))
    for row, price in price_of.items():
        if row.kind == "flow":
            flow_price[row.place] += price
        else:
            sign = 1.0 if row.kind == "high" else -1.0
            voltage_price[row.place] += sign * price
    return voltage_price, flow_price
