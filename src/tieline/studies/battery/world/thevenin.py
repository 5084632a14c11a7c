"""The reverse power that brings a bus to the voltage limit by itself, theta of each bus from its Thevenin equivalent.

    theta = V_max (V_max - V_1) / R_th

V_1 is the voltage of the bus without load and PV, R_th the resistance behind it, read from the slope of the power flow: without
load d|V| / dP = R_th / V_1. PV gives no reactive power, so X_th has no part in it. Other buses that feed back at the same time
are not thought of, which is why such a limit is generous.

Source: M. Al-Saffar, PhD thesis, University of Alberta, eq. 4.23 and 4.24, where theta is then taken as zero.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow import Solution, solve
from tieline.powerflow.derivatives.gradients import chosen_tangents
from tieline.studies.battery.world.plant import Plant
from tieline.typing import FloatArray

UNLIMITED_KW = 1e9
"""Of a bus that no power lifts, as at an ideal source [kW]: beyond any feeder, and finite, so that programs can use it."""


def reverse_limits_kw(plant: Plant, limit_pu: float) -> FloatArray:
    """Theta of each bus, (bus,) [kW]; 0 where there is no battery, and where the limit is broken without any load.

    Args:
        plant: with its regulators where they are held.
        limit_pu: highest voltage [pu].
    """
    solution = _without_load(plant)
    slope = _rises(plant, solution)
    has_battery = plant.bus_battery_kw > 0
    no_load_pu = plant.bus_voltage_pu(solution)[0]
    room_pu = np.maximum(limit_pu - no_load_pu, 0.0)
    limit_kw = np.zeros(plant.n_buses)
    lifts = has_battery & (slope > 0)
    resistance = slope[lifts] * no_load_pu[lifts]
    limit_kw[lifts] = limit_pu * room_pu[lifts] / resistance
    limit_kw[has_battery & ~lifts] = UNLIMITED_KW
    return limit_kw


def _without_load(plant: Plant) -> Solution:
    """The power flow without loads and DERs."""
    network = plant.network
    devices = network.devices
    none_of_loads = np.zeros((1, devices.n_loads))
    none_of_ders = np.zeros((1, len(devices.p_kw) - devices.n_loads))
    return solve(
        network,
        load_kw=none_of_loads,
        load_kvar=none_of_loads,
        der_kw=none_of_ders,
        der_kvar=none_of_ders,
        taps=plant.taps,
        capacitor_steps=plant.capacitor_steps,
        controls="off",
    )


def _rises(plant: Plant, solution: Solution) -> FloatArray:
    """Rise of the highest voltage of each bus per kW that its batteries feed back, (bus,) [pu/kW]."""
    points = plant.points
    only_scenario = np.array([0])
    change = chosen_tangents(solution, "der_kw", only_scenario, plant.battery_der)[0]
    form = points.across(plant.network.n_nodes)
    across = form @ solution.v_pu[0]
    size = np.where(across == 0, 1.0, np.abs(across))
    direction = np.conj(across / size)
    by_battery = (direction[:, None] * (form @ change.T)).real
    # only what a battery does at its own bus counts
    is_there = points.bus[:, None] == plant.battery_bus[None, :]
    at_points = (by_battery * is_there) @ plant.battery_share
    rises = np.zeros(plant.n_buses)
    np.maximum.at(rises, points.bus, at_points)
    return rises
