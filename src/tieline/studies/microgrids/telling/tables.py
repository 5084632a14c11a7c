"""Tables of one decider on one day; columns carry their unit.

    steps        a step: price, cost, voltages, loading, what was broken before and after the safety step, times
    microgrids   a step and microgrid: load, sun, devices, meter, stored energy, cost
    binding      a step and limit that binds or is broken, of network and devices, with the microgrid it lies in
    bills        a microgrid: cost of the day, value of what its batteries gained
    buses        a bus, with the microgrid it lies in: lowest and highest voltage of the day

    lessons      an update of who learned on the very window; only where somebody did
    agreement    a round, agent and shared limit of one update that agents agreed on; where policies decide
    learning     a check of a training, where policies with a known one decide

Each but the last begins with `day`, the seed of the day, `decider`, and `policy`, the seed of its policies (-1 for who has none).
All metrics are made of these tables, so that a run that was interrupted goes on with those that it kept.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.microgrids import Microgrid
from tieline.envs.microgrids.plant import Plant
from tieline.settings.currency import in_currency
from tieline.studies.microgrids.telling.binding import binding_table
from tieline.studies.microgrids.telling.misses import (
    branch_miss_of_steps,
    branch_misses,
    violations_of_steps,
    voltage_miss_of_steps,
)
from tieline.studies.microgrids.telling.places import area_of_points
from tieline.studies.microgrids.ways.decide import Decision
from tieline.studies.microgrids.ways.dispatch import Dispatch
from tieline.typing import FloatArray, IntArray

Tables = dict[str, pd.DataFrame]


def make_tables(
    plant: Plant,
    day: Day,
    decision: Decision,
    labels: dict[str, str | int],
    currency: str,
) -> Tables:
    """All tables of a decision.

    Args:
        plant, day, decision: what was asked and decided.
        labels: columns that stand before all others.
        currency: of all amounts.
    """
    cost = in_currency("cost", currency)
    tables = {
        "steps": _steps(day, decision, cost),
        "microgrids": _microgrids(plant, day, decision.applied, cost),
        "binding": binding_table(plant, day, decision.applied),
        "bills": _bills(plant, decision.applied, currency),
        "buses": _buses(plant, decision.applied),
        "lessons": decision.curve.copy(),
    }
    # a file without rows would say that somebody learned nothing
    if decision.curve.empty:
        del tables["lessons"]
    for table in tables.values():
        for place, (name, value) in enumerate(labels.items()):
            table.insert(place, name, value)
    return tables


def _steps(day: Day, decision: Decision, cost: str) -> pd.DataFrame:
    replay = decision.applied.replay
    proposed = decision.proposed.replay
    loading = 1 + branch_misses(replay)
    columns = {
        "step": np.arange(len(day.hour)),
        "hour": day.hour,
        "price_per_kwh": day.price,
        cost: decision.applied.cost.sum(axis=1),
        "lowest_pu": replay.vm_pu.min(axis=1),
        "highest_pu": replay.vm_pu.max(axis=1),
        "loading_pct": 100 * loading.max(axis=1, initial=0.0),
        "voltage_miss_pu": voltage_miss_of_steps(replay),
        "branch_miss": branch_miss_of_steps(replay),
        "violations": violations_of_steps(replay),
        "proposed_miss_pu": voltage_miss_of_steps(proposed),
        "proposed_branch_miss": branch_miss_of_steps(proposed),
        "proposed_violations": violations_of_steps(proposed),
        "touched": decision.is_touched,
        "decision_ms": decision.decision_ms,
        "guard_ms": decision.guard_ms,
    }
    return pd.DataFrame(columns)


def _microgrids(plant: Plant, day: Day, dispatch: Dispatch, cost: str) -> pd.DataFrame:
    parts = []
    for k, microgrid in enumerate(plant.microgrids):
        columns = _of_microgrid(plant, day, dispatch, microgrid)
        columns[cost] = dispatch.cost[:, k]
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _of_microgrid(
    plant: Plant, day: Day, dispatch: Dispatch, microgrid: Microgrid
) -> dict[str, object]:
    """Powers, stored energy and voltage at the meter, (step,) each."""
    kinds = {
        "pv": plant.pv_ders,
        "generator": plant.generator_ders,
        "battery": plant.battery_ders,
    }
    columns: dict[str, object] = {
        "step": np.arange(len(day.hour)),
        "hour": day.hour,
        "microgrid": microgrid.name,
        "load_kw": day.load_kw[:, microgrid.loads].sum(axis=1),
    }
    for kind, ders in kinds.items():
        inside = np.intersect1d(ders, microgrid.ders)
        columns[f"{kind}_kw"] = dispatch.der_kw[:, inside].sum(axis=1)
        columns[f"{kind}_kvar"] = dispatch.der_kvar[:, inside].sum(axis=1)
    place = plant.pccs.index(microgrid.pcc)
    columns["export_kw"] = -dispatch.bought_kw[:, place]
    columns["stored_kwh"] = _stored_kwh(plant, dispatch, microgrid)
    columns["beyond_kw"] = _beyond_kw(plant, dispatch, microgrid)
    return columns


def _batteries_of(plant: Plant, microgrid: Microgrid) -> IntArray:
    return np.flatnonzero(np.isin(plant.battery_ders, microgrid.ders))


def _stored_kwh(plant: Plant, dispatch: Dispatch, microgrid: Microgrid) -> FloatArray:
    batteries = _batteries_of(plant, microgrid)
    return dispatch.replay.stored_kwh[:, batteries].sum(axis=1)


def _beyond_kw(plant: Plant, dispatch: Dispatch, microgrid: Microgrid) -> FloatArray:
    generators = plant.generators_of(microgrid)
    return dispatch.beyond_p_max_kw[:, generators].sum(axis=1)


def _bills(plant: Plant, dispatch: Dispatch, currency: str) -> pd.DataFrame:
    """What each microgrid spends, and what its batteries gained."""
    storage = dispatch.problem.storage
    gained_kwh = dispatch.replay.stored_kwh[-1] - storage.stored_kwh
    value = plant.stored_value * gained_kwh
    rows = []
    for k, microgrid in enumerate(plant.microgrids):
        batteries = _batteries_of(plant, microgrid)
        row = {
            "microgrid": microgrid.name,
            in_currency("cost", currency): dispatch.cost[:, k].sum(),
            in_currency("stored_gain", currency): value[batteries].sum(),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _buses(plant: Plant, dispatch: Dispatch) -> pd.DataFrame:
    """Lowest and highest voltage of each bus, over steps and phases."""
    problem = dispatch.problem
    buses = plant.network.feeder.buses
    vm_pu = dispatch.replay.vm_pu
    columns = {
        "bus": [buses[k].name for k in problem.limits.points.bus],
        "area": area_of_points(plant, problem),
        "lowest_pu": vm_pu.min(axis=0),
        "highest_pu": vm_pu.max(axis=0),
    }
    by_bus = pd.DataFrame(columns).groupby(["bus", "area"], sort=False)
    return by_bus.agg({"lowest_pu": "min", "highest_pu": "max"}).reset_index()
