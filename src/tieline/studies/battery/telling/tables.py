"""The tables of a battery result, of the first scenario; `days` has a row for every scenario and case.

Ranking and regions are those of the decision with the largest need.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.assisting import rank_correlation, ranking_table
from tieline.studies.battery.ways.bound import Bound
from tieline.studies.battery.ways.cases import Case, Played, above_limit
from tieline.studies.battery.world.plant import Plant


def make_tables(
    plant: Plant, played: list[Played], config: BatteryConfig
) -> dict[str, pd.DataFrame]:
    """All tables by name."""
    first = played[0]
    return {
        "ranking": _ranking(first),
        "regions": _regions(first),
        "buses": _buses(plant, first, config),
        "steps": _steps(first),
        "voltages": _voltages(plant, first),
        "schedules": _schedules(plant, first),
        "days": _days(played, config),
    }


def _ranking(one: Played) -> pd.DataFrame:
    """Assisting buses, best first, region by region: rank, bus, capacity_kw, path_loss_kw, value_kw, lent_kwh, entry_bus."""
    loan = one.cooperation.plan.loan
    lent = dict(
        zip(
            (lender.bus for lender in loan.lenders),
            one.day.hours * loan.lent_kw.sum(axis=0),
            strict=True,
        )
    )
    parts = [
        ranking_table(region.ranking.candidates, region.ranking.learned.ranking).assign(
            entry_bus=region.buses[0]
        )
        for region in one.cooperation.plan.regions
        if region.ranking is not None
    ]
    columns = ["rank", "bus", "capacity_kw", "path_loss_kw", "value_kw", "entry_bus"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    table.insert(5, "lent_kwh", table["bus"].map(lent).fillna(0.0).astype(float))
    return table


def _regions(one: Played) -> pd.DataFrame:
    rows = [
        {
            "entry_bus": region.buses[0],
            "buses": ", ".join(region.buses),
            "at_risk_h": float(region.at_risk.sum()) * one.day.hours,
            "candidates": 0 if region.ranking is None else len(region.ranking.exact),
            "mcts_episodes": None if region.ranking is None else region.ranking.learned.last_change,
            "mcts_rank_correlation": None
            if region.ranking is None
            else rank_correlation(region.ranking.exact, region.ranking.learned.ranking),
        }
        for region in one.cooperation.plan.regions
    ]
    columns = [
        "entry_bus",
        "buses",
        "at_risk_h",
        "candidates",
        "mcts_episodes",
        "mcts_rank_correlation",
    ]
    return pd.DataFrame(rows, columns=columns)


def _buses(plant: Plant, one: Played, config: BatteryConfig) -> pd.DataFrame:
    """Role of each bus, its highest voltage and its reverse energy above the limit in every case."""
    critical = above_limit(one.cases["none"], config).any(axis=0)
    lent = one.day.hours * plant.by_bus(one.cooperation.lent_kw).sum(axis=0)
    role = np.where(critical, "critical", np.where(lent > 0, "assisting", "ok"))
    names = [bus.name for bus in plant.own.buses]
    power = plant.by_bus(plant.batteries.charge_max_kw[None, :])[0]
    table = pd.DataFrame({"bus": names, "role": role, "battery_kw": power, "lent_kwh": lent})
    for name, case in one.cases.items():
        table[f"v_max_pu_{name}"] = np.fmax.reduce(case.v_pu, axis=0)
        table[f"reverse_kwh_{name}"] = one.day.hours * case.reverse_kw.sum(axis=0)
    return table


def _steps(one: Played) -> pd.DataFrame:
    """Time, price, sun, load, and by case the power at the source and the cost."""
    day = one.day
    columns = {
        "time": day.times,
        "price_per_mwh": 1000 * day.price,
        "sun_pu": day.sun_pu,
        "load_kw": day.load_kw.sum(axis=1),
    }
    for name, case in one.cases.items():
        columns[f"source_kw_{name}"] = case.solution.source_kva.real
        columns[f"cost_usd_{name}"] = case.cost
    return pd.DataFrame(columns)


def _voltages(plant: Plant, one: Played) -> pd.DataFrame:
    """Highest voltage of every bus in every step and case."""
    names = np.array([bus.name for bus in plant.own.buses])

    def of(name: str, case: Case) -> pd.DataFrame:
        steps, buses = case.v_pu.shape
        return pd.DataFrame(
            {
                "case": name,
                "time": np.repeat(one.day.times, buses),
                "bus": np.tile(names, steps),
                "v_pu": case.v_pu.ravel(),
            }
        )

    return pd.concat([of(name, case) for name, case in one.cases.items()], ignore_index=True)


def _schedules(plant: Plant, one: Played) -> pd.DataFrame:
    """What every battery does in every step and case but `none`; `lent_kw` is what it charges for others."""
    names, buses = (
        np.array(plant.batteries.names),
        np.array([plant.own.buses[k].name for k in plant.battery_bus]),
    )

    def of(name: str, case: Case) -> pd.DataFrame:
        steps, count = case.schedule.charge_kw.shape
        lent = (
            np.minimum(one.cooperation.lent_kw, case.schedule.charge_kw)
            if name == "csocc"
            else np.zeros((steps, count))
        )
        return pd.DataFrame(
            {
                "case": name,
                "time": np.repeat(one.day.times, count),
                "battery": np.tile(names, steps),
                "bus": np.tile(buses, steps),
                "charge_kw": case.schedule.charge_kw.ravel(),
                "discharge_kw": case.schedule.discharge_kw.ravel(),
                "stored_kwh": case.schedule.stored_kwh.ravel(),
                "lent_kw": lent.ravel(),
            }
        )

    return pd.concat(
        [of(name, case) for name, case in one.cases.items() if name != "none"], ignore_index=True
    )


def _days(played: list[Played], config: BatteryConfig) -> pd.DataFrame:
    """What each case does on each day; beside it what the load alone would cost, and the lowest cost if it is proven."""
    rows = [
        {
            "day": k + 1,
            "case": name,
            "cost_usd": float(case.cost.sum()),
            "v_max_pu": float(np.fmax.reduce(case.v_pu, axis=None)),
            "violations": int(above_limit(case, config).sum()),
            "steps_unjudged": int((~case.solution.converged).sum()),
            "charged_kwh": float(case.schedule.charge_kw.sum()) * one.day.hours,
            "load_bill_usd": one.day.load_bill,
            "proven_usd": one.bound.lowest_cost
            if name == "bound" and isinstance(one.bound, Bound)
            else None,
        }
        for k, one in enumerate(played)
        for name, case in one.cases.items()
    ]
    return pd.DataFrame(rows)
