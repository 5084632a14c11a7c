"""Turns ratio and phase shift of a pandapower transformer at the present positions of its up to two tap changers.

A changer without a position or without a neutral position does nothing, as in pandapower; a note says so. One that follows a
table has its ratio and angle from there (`tap_tables`).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

from tieline.feeders.pandapower.net import Net, Row, is_empty, number
from tieline.feeders.pandapower.options import Options
from tieline.feeders.pandapower.tap_tables import follows_table, table_ratio
from tieline.units import tidy

ANY_TAP = (0.5, 1.5, 32)
"""Range and steps of a tap changer about which the net says nothing."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Turns ratios in per unit of rated at the two sides, and by how much the low side lags [deg]."""

    hv: float
    lv: float
    shift_deg: float


def read_ratio(net: Net, where: str, row: Row, options: Options) -> Ratio:
    """Turns ratios and phase shift of a transformer; `where` names it in findings."""
    ratio = {"hv": 1.0, "lv": 1.0}
    shift_deg = number(row, "shift_degree") if options.calculate_voltage_angles else 0.0
    for changer in ("tap", "tap2"):
        side = row.get(f"{changer}_side")
        if side in ratio:
            factor, angle_deg = _step(net, where, row, changer)
            ratio[side] *= factor
            # the shift counts by how much the low side lags, so that a turn there counts the other
            # way
            shift_deg += angle_deg if side == "hv" else -angle_deg
    return Ratio(tidy(ratio["hv"]), tidy(ratio["lv"]), tidy(shift_deg))


def _step(net: Net, where: str, row: Row, changer: str) -> tuple[float, float]:
    """Ratio and angle [deg] of a changer at its position."""
    if changer == "tap" and follows_table(row):
        return table_ratio(row)
    if _acts(net, where, row, changer):
        return _tap_changer(net, where, row, changer)
    return 1.0, 0.0


def _acts(net: Net, where: str, row: Row, changer: str) -> bool:
    """Whether a changer has a type, a position and a neutral position."""
    if row.get(f"{changer}_changer_type") not in ("Ideal", "Ratio", "Symmetrical"):
        return False
    missing = [
        name
        for name in (f"{changer}_pos", f"{changer}_neutral")
        if is_empty(row.get(name))
    ]
    if missing:
        message = (
            f"{' and '.join(missing)} is not stated, so the tap changer does nothing."
        )
        net.warn(
            "TAP_WITHOUT_EFFECT",
            where,
            message,
            "State it if the changer is to act.",
        )
    return not missing


def _tap_changer(net: Net, where: str, row: Row, changer: str) -> tuple[float, float]:
    """Ratio and angle [deg] of one tap changer: of voltage or, if "Ideal", of angle alone."""
    steps = number(row, f"{changer}_pos") - number(row, f"{changer}_neutral")
    step = number(row, f"{changer}_step_percent") / 100
    degree = number(row, f"{changer}_step_degree")
    if row[f"{changer}_changer_type"] == "Ideal":
        return 1.0, _ideal_angle_deg(net, where, row, changer, steps)
    turned = 1 + steps * step * cmath.exp(1j * math.radians(degree))
    return abs(turned), math.degrees(cmath.phase(turned))


def _ideal_angle_deg(
    net: Net, where: str, row: Row, changer: str, steps: float
) -> float:
    """Angle of an ideal phase shifter, whose step is an angle or the voltage across it."""
    step = number(row, f"{changer}_step_percent") / 100
    degree = number(row, f"{changer}_step_degree")
    if degree and step:
        message = f"an ideal phase shifter with both {changer}_step_degree and {changer}_step_percent."
        net.refuse("TAP_STEP", where, message, "State one of them.")
    if degree:
        return steps * degree
    if abs(steps * step) > 2:
        net.refuse(
            "TAP_STEP",
            where,
            "no angle has a voltage step of that size.",
            "Correct the step.",
        )
        return 0.0
    # two voltages of 1 pu that are turned by an angle have 2 sin(angle / 2) between them
    return math.degrees(2 * math.asin(steps * step / 2))


def tap_range(row: Row, side: str, tap: float) -> tuple[float, float, int]:
    """Lowest and highest ratio and steps of the tap changer, if it is on this side and moves the ratio alone."""
    step = number(row, "tap_step_percent") / 100
    lowest = number(row, "tap_min")
    highest = number(row, "tap_max")
    if (
        row.get("tap_side") == side
        and step > 0
        and highest > lowest
        and number(row, "tap_step_degree") == 0
    ):
        neutral = number(row, "tap_neutral")
        low, high = (
            tidy(1 + (lowest - neutral) * step),
            tidy(1 + (highest - neutral) * step),
        )
        # otherwise the range of the net contradicts its position, and is no range
        if 0 < low <= tap <= high:
            return low, high, round(highest - lowest)
    return min(ANY_TAP[0], tap), max(ANY_TAP[1], tap), ANY_TAP[2]
