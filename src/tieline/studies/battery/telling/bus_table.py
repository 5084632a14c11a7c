"""The table `buses`: what each bus is to the others, what it needs or lends, and what becomes of it in every case.

    required_kwh   C_r of a critical bus: what its own batteries cannot absorb of its reverse power while its region is at risk
    deployed_pct   alpha_b, the highest charge of its batteries by themselves (case `mpc`) per its full load (eq. 4.28)
    needed_pct     alpha_i, the highest charge, its own and borrowed, that absorbs all its reverse power, per its full load
    left_pct       alpha_b', what its battery keeps for itself while it lends most, per its full load

Source: M. Al-Saffar, PhD thesis, University of Alberta, section 4.4, eq. 4.28 and 4.29. What the voltage asks for beyond the
reverse power is no bus' own and stands in the metric `required_energy_kwh` alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.network.scatter import sum_columns
from tieline.studies.battery.ways.cases import DayAnswer
from tieline.studies.battery.world.plant import Plant
from tieline.typing import FloatArray


def bus_table(answer: DayAnswer) -> pd.DataFrame:
    """A row for each bus, of one day; needs and rates are those of the decision with the largest need."""
    plant = answer.question.plant
    # on a forecast a bus may lend before it turns out to be critical itself
    role = np.where(answer.lent_kwh > 0, "assisting", "ok")
    role = np.where(answer.critical_buses, "critical", role)
    columns = {
        "bus": plant.bus_names,
        "role": role,
        "battery_kw": plant.bus_battery_kw,
        "reverse_limit_kw": plant.reverse_limit_kw,
        "lent_kwh": answer.lent_kwh,
        **_needs(answer),
        **_rates(answer),
    }
    for name, case in answer.cases.items():
        columns[f"v_max_pu_{name}"] = np.fmax.reduce(case.v_pu, axis=0)
        columns[f"reverse_kwh_{name}"] = answer.day.hours * case.reverse_kw.sum(axis=0)
    return pd.DataFrame(columns)


def _needs(answer: DayAnswer) -> dict[str, FloatArray]:
    """C_r of each bus, (bus,) [kWh]; 0 of those that are not critical."""
    decision = answer.csocc.largest_decision
    plant = answer.question.plant
    required_kwh = np.zeros(plant.n_buses)
    critical = plant.positions(decision.critical_buses)
    required_kwh[critical] = answer.day.hours * decision.uncovered_kw.sum(axis=0)
    return {"required_kwh": required_kwh}


def _rates(answer: DayAnswer) -> dict[str, FloatArray]:
    """Battery power per full load, (bus,) [%]: as deployed, as needed and as left; NaN at buses without load."""
    plant = answer.question.plant
    decision = answer.csocc.largest_decision
    alone_kw = plant.by_bus(answer.cases["mpc"].schedule.charge_kw)
    needed_kw = np.full(plant.n_buses, np.nan)
    critical = plant.positions(decision.critical_buses)
    needed_kw[critical] = decision.need.excess_kw.max(axis=0, initial=0.0)
    lent_kw = plant.by_bus(answer.csocc.lent_kw).max(axis=0)
    full_load_kw = _full_load_kw(plant)
    return {
        "deployed_pct": _percent(alone_kw.max(axis=0), full_load_kw),
        "needed_pct": _percent(needed_kw, full_load_kw),
        "left_pct": _percent(plant.bus_battery_kw - lent_kw, full_load_kw),
    }


def _full_load_kw(plant: Plant) -> FloatArray:
    """Nominal load of each bus, (bus,) [kW]."""
    load_kw = np.array([load.p_kw for load in plant.network.feeder.loads])
    return sum_columns(load_kw[None, :], plant.load_bus, plant.n_buses)[0]


def _percent(part_kw: FloatArray, full_load_kw: FloatArray) -> FloatArray:
    no_load = np.full(len(part_kw), np.nan)
    return np.divide(100 * part_kw, full_load_kw, out=no_load, where=full_load_kw > 0)
