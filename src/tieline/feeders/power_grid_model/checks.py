"""What the components of a data set must hold before they are read: ids that are one's own, nodes that are there, numbers.

The numbers are those that power-grid-model needs for the calculation that the set is read for.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from tieline.feeders.power_grid_model.grid import Grid
from tieline.feeders.power_grid_model.rows import Row

BRANCH = ("from_node", "to_node", "from_status", "to_status")
BRANCH3 = ("node_1", "node_2", "node_3", "status_1", "status_2", "status_3")
TAP = ("tap_side", "tap_min", "tap_max", "tap_size")
LOAD = ("node", "status", "type", "p_specified", "q_specified")

NEEDED: dict[str, tuple[str, ...]] = {
    "node": ("u_rated",),
    "line": (*BRANCH, "r1", "x1", "c1", "tan1"),
    "link": BRANCH,
    "generic_branch": (*BRANCH, "r1", "x1", "g1", "b1"),
    "asym_line": (
        *BRANCH,
        *("r_aa", "r_ba", "r_bb", "r_ca", "r_cb", "r_cc"),
        *("x_aa", "x_ba", "x_bb", "x_ca", "x_cb", "x_cc"),
    ),
    "transformer": (
        *BRANCH,
        *("u1", "u2", "sn", "uk", "pk", "i0", "p0"),
        *("winding_from", "winding_to", "clock"),
        *TAP,
    ),
    "three_winding_transformer": (
        *BRANCH3,
        *("u1", "u2", "u3", "sn_1", "sn_2", "sn_3"),
        *("uk_12", "uk_13", "uk_23", "pk_12", "pk_13", "pk_23", "i0", "p0"),
        *("winding_1", "winding_2", "winding_3", "clock_12", "clock_13"),
        *TAP,
    ),
    "source": ("node", "status", "u_ref"),
    "shunt": ("node", "status", "g1", "b1"),
    "sym_load": LOAD,
    "sym_gen": LOAD,
    "asym_load": LOAD,
    "asym_gen": LOAD,
    "voltage_regulator": ("regulated_object", "status", "u_ref"),
}
"""Attributes that a component must have beside its id; any other component is left out."""

NEEDED_IN_THREE_PHASES = {
    "line": ("r0", "x0", "c0", "tan0"),
    "shunt": ("g0", "b0"),
}

PASSED_OVER = ("sensor", "fault")
"""How the types of components end of which a power flow knows nothing."""

AT_NODES = ("node", "from_node", "to_node", "node_1", "node_2", "node_3")
THREE_NUMBERS = ("asym_load", "asym_gen")


def check_components(grid: Grid) -> None:
    """Refuse what power-grid-model would stop on, and types that are not known; say what is passed over."""
    _check_ids(grid)
    for kind, rows in grid.components.items():
        if kind in NEEDED:
            for row in rows:
                _check_row(grid, kind, row)
        elif rows:
            _pass_over(grid, kind, len(rows))
    if not grid.rows("source"):
        message = "there is no source."
        grid.refuse("SOURCE", "source", message, "Add what feeds the grid.")


def _check_ids(grid: Grid) -> None:
    ids = [row.get("id") for rows in grid.components.values() for row in rows]
    for number, count in Counter(ids).items():
        if count > 1 or not isinstance(number, int):
            message = f"{count} component(s) have the id {number}."
            remedy = "Give every component a whole number of its own."
            grid.refuse("ID", "id", message, remedy)


def _pass_over(grid: Grid, kind: str, count: int) -> None:
    if kind.endswith(PASSED_OVER):
        return
    # the model itself moves taps only if it is asked to
    if kind == "transformer_tap_regulator":
        message = f"{count} of them do not act; taps stay where they are, as in a power flow without a strategy for taps."
        grid.warn("TAP_REGULATOR_DROPPED", kind, message)
    else:
        message = f"{count} component(s) of a type that is not known."
        grid.refuse("TYPE", kind, message, "Remove them from the data set.")


def _check_row(grid: Grid, kind: str, row: Row) -> None:
    where = f"{kind} {row.get('id')}"
    needed = NEEDED[kind]
    if grid.is_three_phase:
        needed += NEEDED_IN_THREE_PHASES.get(kind, ())
    size = 3 if kind in THREE_NUMBERS else 1
    wrong = [name for name in needed if not _is_sound(row.get(name), name, size)]
    # all of a component together, so that one run is enough to correct it
    if wrong:
        message = f"it has no finite number in {', '.join(wrong)}."
        grid.refuse("NUMBER", where, message, "Give them.")
    if kind != "node":
        _check_nodes(grid, where, row)


def _check_nodes(grid: Grid, where: str, row: Row) -> None:
    nodes = [row[name] for name in AT_NODES if name in row]
    unknown = [str(node) for node in nodes if not grid.has_node(node)]
    if unknown:
        message = f"there is no node {' or '.join(unknown)}."
        grid.refuse("NODE_UNKNOWN", where, message, "Correct the id of the node.")


def _is_sound(value: Any, name: str, size: int) -> bool:
    """Whether a value is a finite number, or as many of them as an asymmetric power has."""
    if name.endswith("_specified") and size > 1:
        is_list = isinstance(value, list) and len(value) == size
        return is_list and all(_is_number(part) for part in value)
    return _is_number(value)


def _is_number(value: Any) -> bool:
    # True and False are whole numbers to Python
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)
