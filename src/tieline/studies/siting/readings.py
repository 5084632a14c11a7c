"""Readings of all limits in solved power flows, the voltage step when the plant trips among them."""

from __future__ import annotations

import numpy as np

from tieline.network.voltage_points import VoltagePoints
from tieline.powerflow import Solution
from tieline.settings.limits import LimitKind
from tieline.studies.gauges import Gauge
from tieline.typing import FloatArray

VOLTAGE_STEP = LimitKind(
    "voltage-step", "voltage_step_pct", "voltage_step_pct", "%", "voltage step"
)
"""How far voltages move when the plant trips, regulators and capacitors where they were; no profile has a number for it."""


def read(
    gauges: tuple[Gauge, ...],
    points: VoltagePoints,
    solution: Solution,
    tripped_pu: FloatArray,
) -> tuple[FloatArray, ...]:
    """Reading of every gauge.

    Args:
        gauges: where limits are read.
        points: live voltage points.
        solution: solved power flows.
        tripped_pu: voltages without the plant, regulators and capacitors where they are with it, (row or 1, point) [pu].

    Returns:
        For each gauge (row, place), in the unit of its kind; NaN for rows without an answer.
    """
    point_pu = points.magnitude_pu(solution.v_pu)
    readings = []
    for gauge in gauges:
        if gauge.kind is VOLTAGE_STEP:
            step_pu = point_pu - tripped_pu
            np.abs(step_pu, out=step_pu)
            readings.append(100 * step_pu)
        else:
            readings.append(gauge.read(solution, point_pu))
    return tuple(readings)
