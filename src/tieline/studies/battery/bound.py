"""The bound: what one central optimiser that knows the whole day would do with the same batteries, by `opf`.

It buys at the source at the same prices and has the batteries' limits of the other cases, also that none discharges past its
bus' reverse-power limit; it keeps the voltage limit, and need not absorb any surplus. So no local schedule that keeps the voltage
limit costs less, but for the accuracy of the formulation.
"""

from __future__ import annotations

import numpy as np

from tieline.errors import NoAnswerError
from tieline.opf import Answer, make_problem, solve_lp, solve_socp
from tieline.opf.battery_mpc import Schedule
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.coordination import NOTICED_PU
from tieline.studies.battery.days import Day
from tieline.studies.battery.plant import Plant
from tieline.typing import FloatArray


def solve_bound(plant: Plant, day: Day, config: BatteryConfig) -> Schedule | str:
    """The central optimum of a day, or why there is none."""
    if why := _out_of_reach(plant, day, config):
        return why
    fixed = plant.der_kw(day, np.zeros((len(day.price), len(plant.battery_bus))))
    low, high = fixed.copy(), fixed.copy()
    storage = len(plant.pv_kw) + np.arange(len(plant.battery_bus))
    own_kw = plant.surplus_kw(day)[:, plant.battery_bus] * plant.battery_share
    room_kw = config.reverse_limit_kw * plant.battery_share - own_kw
    low[:, storage] = -plant.batteries.charge_max_kw
    high[:, storage] = np.clip(room_kw, 0.0, plant.batteries.discharge_max_kw)
    problem = make_problem(
        plant.network,
        price=day.price,
        hours=day.hours,
        load_kw=day.load_kw,
        load_kvar=day.load_kvar,
        p_min_kw=low,
        p_max_kw=high,
        q_min_kvar=0.0,
        q_max_kvar=0.0,
        batteries=plant.batteries,
        stored_kwh=plant.stored_kwh,
        stored_end_kwh=plant.stored_kwh,
        v_min_pu=0.0,
        v_max_pu=config.critical_pu,
        branch_limits=(),
        taps=plant.taps,
        capacitor_steps=plant.capacitor_steps,
    )
    try:
        answer = solve_socp(problem) if config.bound == "socp" else solve_lp(problem)
    except NoAnswerError as error:
        return str(error).splitlines()[0]
    return _schedule(answer, own_kw)


def _out_of_reach(plant: Plant, day: Day, config: BatteryConfig) -> str:
    """Where the limit breaks even if every battery charges at rated power all day; empty if it does not."""
    charging = np.tile(-plant.batteries.charge_max_kw, (len(day.price), 1))
    v_pu = plant.bus_voltage_pu(plant.replay(day, charging))
    if not v_pu.max() > config.critical_pu + NOTICED_PU:
        return ""
    step, bus = np.unravel_index(v_pu.argmax(), v_pu.shape)
    return (
        f"With every battery charging at rated power, bus '{plant.own.buses[bus].name}' is still at {v_pu.max():.4f} pu in step "
        f"{step}. Larger batteries, less PV or other taps are needed."
    )


def _schedule(answer: Answer, surplus_kw: FloatArray) -> Schedule:
    shortage = np.maximum(surplus_kw - answer.charge_kw, 0.0)
    return Schedule(answer.charge_kw, answer.discharge_kw, answer.stored_kwh, shortage, np.array([answer.solve_s]))
