"""Why a net cannot be read with its phases: tables, vector groups and zero-sequence data that `runpp_3ph` or this house lacks."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tieline.feeders.pandapower.net import Net, Row, name_some, number
from tieline.feeders.pandapower.sources import is_slack

BALANCED_ONLY = ("trafo3w", "impedance", "xward", "dcline")
"""Tables without a model of the zero sequence there."""

NEEDED = {
    "line": ("r0_ohm_per_km", "x0_ohm_per_km", "c0_nf_per_km"),
    "trafo": (
        "vk0_percent",
        "vkr0_percent",
        "mag0_percent",
        "mag0_rx",
        "si0_hv_partial",
    ),
    "ext_grid": ("s_sc_max_mva", "rx_max", "x0x_max", "r0x0_max"),
}
"""Columns of the zero sequence, by table."""

GROUPS = ("dyn", "yzn")
"""Vector groups whose zero sequence ends at the low side, so that it is a shunt there."""

DEGREES = 30.0
"""From hour to hour of a vector group."""


def what_is_lacking(net: Net) -> str:
    """The reasons in words; empty if there is none."""
    return "; ".join((*_tables(net), *_cells(net), *_transformers(net), *_grids(net)))


def vector_group(row: Row) -> str:
    """Connection of a transformer in lower case, without the hour, which shift_degree states."""
    return str(row.get("vector_group")).strip().lower().rstrip("0123456789")


def _tables(net: Net) -> Iterator[str]:
    for table in BALANCED_ONLY:
        count = len(net.rows(table))
        if count:
            yield f"{count} {table} element(s) have no zero sequence"


def _cells(net: Net) -> Iterator[str]:
    for table, columns in NEEDED.items():
        names = [
            net.element_name(table, row)
            for row in net.rows(table)
            if not all(
                math.isfinite(number(row, column, math.nan)) for column in columns
            )
        ]
        if names:
            yield f"{', '.join(columns)} are not stated for {table} {name_some(names)}"


def _transformers(net: Net) -> Iterator[str]:
    rows = net.rows("trafo")
    unmodelled = [
        net.element_name("trafo", row) for row in rows if not _is_modelled(row)
    ]
    if unmodelled:
        yield f"vector groups other than Dyn and Yzn are not modelled, as of trafo {name_some(unmodelled)}"
    turned = [
        net.element_name("trafo", row)
        for row in rows
        if hour(number(row, "shift_degree")) is None
    ]
    if turned:
        yield f"no connection of windings has the shift_degree of trafo {name_some(turned)}"


def _is_modelled(row: Row) -> bool:
    return vector_group(row) in GROUPS


def hour(shift_deg: float) -> int | None:
    """Clock number of a shift by which the low side lags: odd ones, and those of turned phases; None for others."""
    hours = shift_deg / DEGREES
    number_of_hours = round(hours) % 12
    is_whole = abs(hours - round(hours)) < 1e-9
    # 2, 6 and 10 need windings wound the other way
    has_connection = number_of_hours % 2 == 1 or number_of_hours % 4 == 0
    return number_of_hours if is_whole and has_connection else None


def _grids(net: Net) -> Iterator[str]:
    slack = [net.element_name("gen", row) for row in net.rows("gen") if is_slack(row)]
    if slack:
        yield f"slack generators have no zero sequence, as gen {name_some(slack)}"
