"""What the cells of a net must hold: pandapower stops on a number that is missing or impossible, and so does the reader.

A column that a net does not have at all (nets of earlier versions lack some) stands for its default; a cell that is empty,
infinite or out of range is refused, and all of them together. Only elements in service count.
"""

from __future__ import annotations

import math
from typing import Any

from tieline.feeders.pandapower.devices import SHARE_COLUMNS
from tieline.feeders.pandapower.net import BUS_COLUMNS, Net, Row, is_empty
from tieline.feeders.pandapower.three_windings import SIDES

ANY = ""
ABOVE_ZERO = "above 0"
NOT_BELOW_ZERO = "not below 0"
SHARE = "from 0 to 100 %"
PART = "from 0 to 1"

POWER_BY_PHASE = {
    "p_a_mw": ANY,
    "q_a_mvar": ANY,
    "p_b_mw": ANY,
    "q_b_mvar": ANY,
    "p_c_mw": ANY,
    "q_c_mvar": ANY,
}

NEEDED: dict[str, dict[str, str]] = {
    "bus": {"vn_kv": ABOVE_ZERO},
    "ext_grid": {"vm_pu": ABOVE_ZERO, "va_degree": ANY},
    "gen": {"vm_pu": ABOVE_ZERO, "p_mw": ANY, "scaling": ANY},
    "load": {
        "p_mw": ANY,
        "q_mvar": ANY,
        "scaling": ANY,
        **dict.fromkeys(SHARE_COLUMNS, SHARE),
    },
    "sgen": {"p_mw": ANY, "q_mvar": ANY, "scaling": ANY},
    "asymmetric_load": {**POWER_BY_PHASE, "scaling": ANY},
    "asymmetric_sgen": {**POWER_BY_PHASE, "scaling": ANY},
    "storage": {"p_mw": ANY, "q_mvar": ANY, "scaling": ANY},
    "shunt": {"p_mw": ANY, "q_mvar": ANY, "step": ANY},
    "ward": {"ps_mw": ANY, "qs_mvar": ANY, "pz_mw": ANY, "qz_mvar": ANY},
    "xward": {
        "ps_mw": ANY,
        "qs_mvar": ANY,
        "pz_mw": ANY,
        "qz_mvar": ANY,
        "r_ohm": ANY,
        "x_ohm": ANY,
        "vm_pu": ABOVE_ZERO,
    },
    "motor": {
        "pn_mech_mw": NOT_BELOW_ZERO,
        "cos_phi": PART,
        "efficiency_percent": ABOVE_ZERO,
        "loading_percent": ANY,
        "scaling": ANY,
    },
    "dcline": {
        "p_mw": ANY,
        "loss_percent": ANY,
        "loss_mw": ANY,
        "vm_from_pu": ABOVE_ZERO,
        "vm_to_pu": ABOVE_ZERO,
    },
    "impedance": {
        "rft_pu": ANY,
        "xft_pu": ANY,
        "rtf_pu": ANY,
        "xtf_pu": ANY,
        "sn_mva": ABOVE_ZERO,
    },
    "line": {
        "length_km": ABOVE_ZERO,
        "r_ohm_per_km": ANY,
        "x_ohm_per_km": ANY,
        "c_nf_per_km": NOT_BELOW_ZERO,
        "g_us_per_km": ANY,
        "parallel": ABOVE_ZERO,
    },
    "trafo": {
        "sn_mva": ABOVE_ZERO,
        "vn_hv_kv": ABOVE_ZERO,
        "vn_lv_kv": ABOVE_ZERO,
        "vk_percent": ANY,
        "vkr_percent": ANY,
        "pfe_kw": NOT_BELOW_ZERO,
        "i0_percent": ANY,
        "parallel": ABOVE_ZERO,
        "shift_degree": ANY,
        "leakage_resistance_ratio_hv": PART,
        "leakage_reactance_ratio_hv": PART,
    },
    "trafo3w": {
        **{f"sn_{side}_mva": ABOVE_ZERO for side in SIDES},
        **{f"vn_{side}_kv": ABOVE_ZERO for side in SIDES},
        **{f"vk_{side}_percent": ABOVE_ZERO for side in SIDES},
        **{f"vkr_{side}_percent": ANY for side in SIDES},
        "pfe_kw": NOT_BELOW_ZERO,
        "i0_percent": ANY,
        "shift_mv_degree": ANY,
        "shift_lv_degree": ANY,
    },
}
"""Columns on which the power flow depends, by table, with what their cells must be."""

OPTIONAL: dict[str, dict[str, str]] = {
    "sgen": {"sn_mva": NOT_BELOW_ZERO},
    "storage": {
        "sn_mva": NOT_BELOW_ZERO,
        "max_e_mwh": NOT_BELOW_ZERO,
        "soc_percent": SHARE,
        "min_e_mwh": NOT_BELOW_ZERO,
    },
    "shunt": {"vn_kv": ABOVE_ZERO},
    "line": {"max_i_ka": NOT_BELOW_ZERO, "df": ABOVE_ZERO},
    "trafo": {"df": ABOVE_ZERO},
}
"""Columns of ratings and states whose cells may be empty."""


def check_cells(net: Net) -> None:
    """Refuse what pandapower would stop on: unknown buses and elements, numbers that are missing or impossible."""
    for table in NEEDED:
        # out of service too: an unknown bus would pass for one that is not in service
        for row in net.all_rows(table):
            _check_buses(net, table, row)
    for row in net.all_rows("switch"):
        _check_switch(net, row)
    for table, needed in NEEDED.items():
        # a line whose one bus is out of service takes its charging from the other
        for row in net.charged_lines() if table == "line" else net.rows(table):
            _check_row(net, table, row, needed)
    for row in net.rows("load"):
        _check_shares(net, row)
    for row in net.rows("trafo"):
        _check_short_circuit(net, row)


def _check_buses(net: Net, table: str, row: Row) -> None:
    buses = net.raw.bus.index
    unknown = [
        str(row[column])
        for column in BUS_COLUMNS
        if column in row and row[column] not in buses
    ]
    if unknown:
        message = f"there is no bus {' or '.join(unknown)}."
        net.refuse(
            "BUS_UNKNOWN",
            _component(net, table, row),
            message,
            "Correct the bus index, or remove the element.",
        )


def _check_switch(net: Net, row: Row) -> None:
    """A switch is at a bus, and at an end of what it switches."""
    where = f"switch {row['index']}"
    bus = row["bus"]
    element = row["element"]
    kind = row["et"]
    table = {"l": "line", "t": "trafo", "t3": "trafo3w", "b": "bus"}.get(kind)
    frame = None if table is None else net.raw.get(table)
    if bus not in net.raw.bus.index:
        net.refuse(
            "BUS_UNKNOWN",
            where,
            f"there is no bus {bus}.",
            "Correct the bus index, or remove the switch.",
        )
    elif frame is not None and element not in frame.index:
        net.refuse(
            "SWITCH_ELEMENT",
            where,
            f"there is no {table} {element}.",
            "Correct the index, or remove the switch.",
        )
    elif kind in ("l", "t", "t3") and bus not in _ends(frame, element):
        net.refuse(
            "SWITCH_ELEMENT",
            where,
            f"{table} {element} does not end at bus {bus}.",
            "Give the bus of one of its ends.",
        )
    elif kind == "b" and is_empty(row.get("z_ohm", 0.0)):
        net.refuse(
            "NUMBER",
            where,
            "z_ohm is empty.",
            "Give an impedance; 0 joins the two buses.",
        )


def _ends(frame: Any, element: Any) -> list[Any]:
    return [
        frame.at[element, column] for column in BUS_COLUMNS if column in frame.columns
    ]


def _check_row(net: Net, table: str, row: Row, needed: dict[str, str]) -> None:
    wrong = [
        f"{column} is {_told(row[column])}{_must(rule)}"
        for column, rule in needed.items()
        if _is_wrong(row, column, rule)
    ]
    wrong += [
        f"{column} is {_told(row[column])}{_must(rule)}"
        for column, rule in OPTIONAL.get(table, {}).items()
        if column in row and not is_empty(row[column]) and _is_wrong(row, column, rule)
    ]
    if wrong:
        net.refuse(
            "NUMBER",
            _component(net, table, row),
            f"{'; '.join(wrong)}.",
            "Correct the cell in the net.",
        )


def _is_wrong(row: Row, column: str, rule: str) -> bool:
    if column not in row:
        return False
    value = _as_number(row[column])
    if not math.isfinite(value):
        return True
    low = value <= 0 if rule == ABOVE_ZERO else value < 0 and rule != ANY
    return low or (rule == SHARE and value > 100) or (rule == PART and value > 1)


def _as_number(value: Any) -> float:
    try:
        return math.nan if is_empty(value) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _told(value: Any) -> str:
    return "empty" if is_empty(value) else f"{value!s:.20}"


def _must(rule: str) -> str:
    return f" and must be {rule}" if rule else ""


def _check_shares(net: Net, row: Row) -> None:
    """No more than all of a load depends on the voltage."""
    for part in ("p", "q"):
        total = sum(
            _as_number(row.get(f"const_{kind}_{part}_percent", 0.0)) for kind in "zi"
        )
        if total > 100:
            message = (
                f"const_z_{part}_percent and const_i_{part}_percent sum to {total:g} %."
            )
            net.refuse(
                "SHARES",
                _component(net, "load", row),
                message,
                "Give shares of 100 % at most.",
            )


def _check_short_circuit(net: Net, row: Row) -> None:
    """The resistive part of the short-circuit voltage is no larger than the whole, which is not zero."""
    # below zero is a negative reactance, as equivalents of networks have it
    vk, vkr = (abs(_as_number(row[column])) for column in ("vk_percent", "vkr_percent"))
    if vkr > vk:
        message = f"vkr_percent {vkr:g} is above vk_percent {vk:g}."
        net.refuse(
            "SHORT_CIRCUIT",
            _component(net, "trafo", row),
            message,
            "Correct one of them.",
        )
    if vk == 0:
        message = "vk_percent is 0: it has no impedance."
        net.refuse(
            "SHORT_CIRCUIT",
            _component(net, "trafo", row),
            message,
            "Give its short-circuit voltage.",
        )


def _component(net: Net, table: str, row: Row) -> str:
    return f"{table} {net.element_name(table, row)}"
