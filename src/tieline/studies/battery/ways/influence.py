"""What a battery's charge does to a voltage far away, by the derivative of the AC power flow.

On a feeder with phases charging on one phase lowers that phase and may raise another.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import adjoint, tangent
from tieline.studies.battery.world.plant import Plant
from tieline.typing import FloatArray


def fall_by_battery(plant: Plant, solution: Solution, point: int) -> FloatArray:
    """Fall of the voltage at a point per kW that each battery charges, (battery,) [pu/kW]; of the first scenario."""
    across = plant.points.across(plant.network.n_nodes)[[point]].toarray()[0]
    at = complex(across @ solution.v_pu[0])
    v_bar = np.zeros(solution.v_pu.shape, dtype=complex)
    v_bar[0] = across * at / abs(at)
    return adjoint(solution, v_bar).der_kw[0, plant.battery_der]


def fall_together(plant: Plant, solution: Solution, share: FloatArray) -> FloatArray:
    """Fall of all voltages per kW that batteries charge together, (step, point) [pu/kW]; `share` is that of each, (battery,)."""
    direction = np.zeros(len(plant.network.feeder.ders))
    direction[plant.battery_der] = -share
    change = tangent(solution, der_kw=direction)
    return -plant.points.magnitude_slopes(solution.v_pu, change[:, None, :])[..., 0]
