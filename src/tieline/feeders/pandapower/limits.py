"""What an optimal power flow may do with the elements of a pandapower net: limits and costs, in kW and currency per kWh.

As in `pandapower.runopp`, a static generator or storage is fixed unless it is marked `controllable`. A net in which nothing is
marked was not made for optimal power flows (pandapower itself writes False where nothing is said): there every one may be
moved; a note says so if the net states limits or costs all the same. Piecewise linear costs count where they have one slope.
What is left out is noted; a cost of active power that is left out has to be given by whoever looks for an optimum.
"""

from __future__ import annotations

import math
from typing import Any

from tieline.feeders.pandapower.net import (
    Net,
    Row,
    is_empty,
    kilo,
    name_some,
    number,
    optional,
)
from tieline.feeders.unread_costs import COST_DROPPED
from tieline.units import tidy

MOVABLE = ("sgen", "storage", "load")
"""Tables whose elements may be marked controllable."""

CONSUMING = ("storage", "load")
"""Tables whose power, limits and costs count what is taken."""

SOURCES = ("ext_grid", "gen")
"""Tables of what may stand for the grid behind the net."""


def read_voltage_limits(row: Row) -> dict[str, Any]:
    """Voltage limits of a bus."""
    return {
        "v_low_limit_pu": optional(row, "min_vm_pu"),
        "v_high_limit_pu": optional(row, "max_vm_pu"),
    }


def read_limits(net: Net, table: str, row: Row) -> dict[str, Any]:
    """Limits and costs of what an element injects."""
    return {
        "controllable": _is_controllable(net, row),
        **_box(table, row),
        **_costs(net, table, row),
    }


def read_gen_limits(net: Net, row: Row) -> dict[str, Any]:
    """Limits and costs of what a generator injects; `runopp` moves each that is not said to be fixed."""
    value = row.get("controllable")
    return {
        "controllable": is_empty(value) or bool(value),
        **_box("gen", row),
        **_costs(net, "gen", row),
    }


def read_source_limits(net: Net, table: str, row: Row) -> dict[str, Any]:
    """Limits and cost of what the grid delivers."""
    costs = _costs(net, table, row)
    # a source has a price per kWh and nothing beyond it
    if "cost_per_kw2h" in costs:
        drop_cost(net, table, row, "its cost, a part of which grows with the square,")
        return _box(table, row)
    return {**_box(table, row), **costs}


def rating_of(limits: dict[str, Any]) -> float:
    """Apparent power within which all that the limits allow lies [kVA]; 0 if they do not bound P."""
    p_kw = _largest(limits, "p_low_limit_kw", "p_high_limit_kw")
    q_kvar = _largest(limits, "q_low_limit_kvar", "q_high_limit_kvar")
    return tidy(math.hypot(p_kw, q_kvar)) if p_kw > 0 else 0.0


def _largest(limits: dict[str, Any], low: str, high: str) -> float:
    return max(abs(limits[low] or 0.0), abs(limits[high] or 0.0))


def _is_controllable(net: Net, row: Row) -> bool:
    return not _marks_any(net) or _is_marked(row)


def _marks_any(net: Net) -> bool:
    """Whether anything that an optimal power flow may move is marked."""
    # asked for every element, and answered by a walk through all of them
    if net.marks_controllable is None:
        net.marks_controllable = any(
            _is_marked(row) for table in MOVABLE for row in net.rows(table)
        )
    return net.marks_controllable


def _has_limit(row: Row) -> bool:
    return any(optional(row, column) is not None for column in ("min_p_mw", "max_p_mw"))


def _is_marked(row: Row) -> bool:
    value = row.get("controllable")
    return not is_empty(value) and bool(value)


def _box(table: str, row: Row) -> dict[str, float | None]:
    low_kw, high_kw = _pair(row, "min_p_mw", "max_p_mw", table in CONSUMING)
    low_kvar, high_kvar = _pair(row, "min_q_mvar", "max_q_mvar", table in CONSUMING)
    return {
        "p_low_limit_kw": low_kw,
        "p_high_limit_kw": high_kw,
        "q_low_limit_kvar": low_kvar,
        "q_high_limit_kvar": high_kvar,
    }


def _pair(
    row: Row, low: str, high: str, is_consuming: bool
) -> tuple[float | None, float | None]:
    """Lowest and highest injection."""
    lowest, highest = (
        None if value is None else kilo(value)
        for value in (optional(row, low), optional(row, high))
    )
    if not is_consuming:
        return lowest, highest
    # the most that is taken is the least that is injected
    return _negative(highest), _negative(lowest)


def _negative(value: float | None) -> float | None:
    # not `-value`, which makes -0.0 of zero
    return None if value is None else 0.0 - value


def _costs(net: Net, table: str, row: Row) -> dict[str, float]:
    """Linear and quadratic cost of what is injected; nothing if the net states none, or one that cannot be kept."""
    key = (table, row["index"])
    polynomial = net.indexed_costs("poly_cost").get(key)
    pieces = net.indexed_costs("pwl_cost").get(key)
    sign = -1.0 if table in CONSUMING else 1.0
    if key in net.reactive_costs:
        _note_reactive(net, table, row)
    if pieces is not None:
        return _one_slope(net, table, row, pieces, sign)
    if polynomial is not None:
        return _polynomial(net, table, row, polynomial, sign)
    return {}


def _one_slope(
    net: Net, table: str, row: Row, pieces: Row, sign: float
) -> dict[str, float]:
    """A piecewise linear cost, if it has the same slope everywhere."""
    slopes = {slope for _, _, slope in pieces["points"]}
    if len(slopes) != 1:
        drop_cost(net, table, row, "its piecewise linear cost")
        return {}
    return {"cost_per_kwh": tidy(sign * float(slopes.pop()) / 1e3)}


def _polynomial(
    net: Net, table: str, row: Row, costs: Row, sign: float
) -> dict[str, float]:
    """A polynomial whose square, as pandapower counts it, does not fall."""
    square = tidy(sign * number(costs, "cp2_eur_per_mw2") / 1e6)
    if square < 0:
        drop_cost(net, table, row, "its cost, a part of which falls with the square,")
        return {}
    if number(costs, "cp0_eur"):
        message = f"the {number(costs, 'cp0_eur'):g} per hour that it costs at no power is left out of optimal power flows."
        net.warn("COST_CONSTANT", f"{table} {net.element_name(table, row)}", message)
    linear = {"cost_per_kwh": tidy(sign * number(costs, "cp1_eur_per_mw") / 1e3)}
    return linear | ({"cost_per_kw2h": square} if square else {})


def _note_reactive(net: Net, table: str, row: Row) -> None:
    message = "its cost of reactive power is left out of optimal power flows."
    net.warn("COST_REACTIVE", f"{table} {net.element_name(table, row)}", message)


def drop_cost(net: Net, table: str, row: Row, what: str) -> None:
    """Name a cost that an optimum must not take for nothing; see `feeders.unread_costs`."""
    remedy = (
        "State the price with --price."
        if table in SOURCES
        else "State a cost with --der-costs NAME:COST."
    )
    net.warn(
        COST_DROPPED,
        f"{table} {net.element_name(table, row)}",
        f"{what} is left out.",
        remedy,
    )


def note_limits(net: Net) -> None:
    """Name what `runopp` would keep or move and an optimal power flow here does not."""
    units = [*net.rows("sgen"), *net.rows("storage")]
    has_terms = any(net.all_rows(costs) for costs in ("poly_cost", "pwl_cost")) or any(
        _has_limit(row) for row in units
    )
    if units and has_terms and not _marks_any(net):
        message = "no sgen or storage is marked, therefore optimal power flows may move every one."
        net.warn(
            "CONTROLLABLE",
            "sgen",
            message,
            "Mark those that may be moved as controllable.",
        )
    _note_ratings(net)
    # here loads are given, and an optimum without their freedom may cost more
    movable = [
        net.element_name("load", row) for row in net.rows("load") if _is_marked(row)
    ]
    if movable:
        net.warn(
            "LOAD_CONTROLLABLE",
            "load",
            f"optimal power flows do not move {name_some(movable)}, which may be.",
        )
    for table in ("line", "trafo"):
        limited = [
            row
            for row in net.rows(table)
            if number(row, "max_loading_percent", 100.0) != 100
        ]
        if limited:
            names = name_some([net.element_name(table, row) for row in limited])
            message = f"max_loading_percent of {names} is not 100, but optimal power flows limit all to the same share."
            flag = "--line-pct" if table == "line" else "--transformer-pct"
            net.warn("LOADING_LIMIT", table, message, f"Give it with {flag}.")


def _note_ratings(net: Net) -> None:
    """Name the units whose rating keeps them from a corner of their limits, which `runopp` would let them reach."""
    units = [(table, row) for table in ("sgen", "storage") for row in net.rows(table)]
    names = [
        net.element_name(table, row)
        for table, row in units
        if _is_controllable(net, row)
        and 0 < kilo(number(row, "sn_mva")) < rating_of(_box(table, row))
    ]
    if names:
        message = f"sn_mva of {name_some(names)} is less than their limits of P and Q take together, and bounds them as well."
        net.warn(
            "RATING_BINDS",
            "sgen",
            message,
            "Raise sn_mva if the limits alone are meant, as in runopp.",
        )
