"""Transformers whose ratio, angle and short-circuit voltage follow a table of tap positions (`trafo_characteristic_table`).

The line of the table for the present position is laid into the row of the transformer, so that all else reads one row. So are
short-circuit voltages that follow a curve of their own (`characteristic`, before version 3 of pandapower). A transformer of which
the net says whether it follows a table has no curve, as in `runpp`.
"""

from __future__ import annotations

from tieline.feeders.pandapower.net import Net, Row, is_empty, number

TABLE = "tap_dependency_table"
"""Column that says whether a transformer follows a table."""

RATIO = "table_voltage_ratio"
ANGLE = "table_angle_deg"
"""Columns under which the row holds what the table says."""

VOLTAGES = (
    "vk_percent",
    "vkr_percent",
    "vk_hv_percent",
    "vkr_hv_percent",
    "vk_mv_percent",
    "vkr_mv_percent",
    "vk_lv_percent",
    "vkr_lv_percent",
)
"""Short-circuit voltages, of two and of three windings."""


def follows_table(row: Row) -> bool:
    """Whether the changer of a transformer follows a table."""
    value = row.get(TABLE)
    return not is_empty(value) and bool(value)


def table_ratio(row: Row) -> tuple[float, float]:
    """Turns ratio and angle [deg] at the present position."""
    return row[RATIO], row[ANGLE]


def at_position(net: Net, where: str, row: Row) -> Row:
    """The row of a transformer with what its table says of the present position; `where` names it in findings."""
    value = row.get("tap_dependent_impedance")
    if not is_empty(value) and bool(value):
        return _on_curves(net, where, row)
    if not follows_table(row):
        return row
    table_row = _table_row(net, row)
    if table_row is None:
        message = f"no line of trafo_characteristic_table has its table and tap_pos {number(row, 'tap_pos'):g}."
        net.refuse("TAP_TABLE", where, message, "Add the line, or correct tap_pos.")
        return {**row, RATIO: 1.0, ANGLE: 0.0}
    changes = {
        RATIO: number(table_row, "voltage_ratio", 1.0),
        ANGLE: number(table_row, "angle_deg"),
    }
    for column in VOLTAGES:
        if column in row and not is_empty(table_row.get(column)):
            changes[column] = number(table_row, column)
    return {**row, **changes}


def _on_curves(net: Net, where: str, row: Row) -> Row:
    """The row with the short-circuit voltages of its curves at the present position."""
    if TABLE in row:
        message = "its impedance is to follow a curve, which runpp passes over beside tap_dependency_table, and so does this."
        remedy = "State it by trafo_characteristic_table."
        net.warn("TAP_CURVE", where, message, remedy)
        return row
    curves = {line["index"]: line["object"] for line in net.all_rows("characteristic")}
    changes = {}
    for column in VOLTAGES:
        curve = row.get(f"{column}_characteristic")
        if not is_empty(curve):
            # pandapower's own object, which interpolates between the points of the net
            changes[column] = float(curves[curve](number(row, "tap_pos")))
    return {**row, **changes}


def _table_row(net: Net, row: Row) -> Row | None:
    table = row.get("id_characteristic_table")
    position = row.get("tap_pos")
    if is_empty(table) or is_empty(position):
        return None
    for line in net.all_rows("trafo_characteristic_table"):
        if line["id_characteristic"] == table and line["step"] == position:
            return line
    return None
