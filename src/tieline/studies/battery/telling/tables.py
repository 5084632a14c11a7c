"""The tables of a battery result, of the first scenario; `days` has a row for every scenario and case.

Ranking and regions are those of the decision with the largest need.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.settings.currency import in_currency
from tieline.studies.battery.telling.bus_table import bus_table
from tieline.studies.battery.telling.cost_table import cost_table
from tieline.studies.battery.telling.search_table import search_table
from tieline.studies.battery.ways.assisting import ranking_table
from tieline.studies.battery.ways.bound import Bound
from tieline.studies.battery.ways.case import Case
from tieline.studies.battery.ways.cases import DayAnswer
from tieline.studies.battery.ways.loan_decision import RegionAtRisk
from tieline.typing import FloatArray

RANKING = ["rank", "bus", "capacity_kw", "path_loss_kw", "value_kw", "entry_bus"]
REGIONS = [
    "entry_bus",
    "buses",
    "at_risk_h",
    "candidates",
    "mcts_episodes",
    "mcts_rank_correlation",
]


def make_tables(answers: list[DayAnswer]) -> dict[str, pd.DataFrame]:
    """All tables by name."""
    first = answers[0]
    return {
        "ranking": _ranking(first),
        "search": search_table(first),
        "regions": _regions(first),
        "buses": bus_table(first),
        "costs": cost_table(first),
        "steps": _steps(first),
        "voltages": _voltages(first),
        "schedules": _schedules(first),
        "days": _days(answers),
    }


def _ranking(answer: DayAnswer) -> pd.DataFrame:
    """Assisting buses, best first, region by region: rank, bus, capacity_kw, path_loss_kw, value_kw, lent_kwh, entry_bus."""
    decision = answer.csocc.largest_decision
    loan = decision.loan
    lenders = [lender.bus for lender in loan.lenders]
    lent_kwh = pd.Series(
        answer.day.hours * loan.lent_kw.sum(axis=0), lenders, dtype=float
    )
    parts = []
    for region in decision.regions:
        if region.ranking is not None:
            part = ranking_table(
                region.ranking.candidates, region.ranking.learned.ranking
            )
            parts.append(part.assign(entry_bus=region.buses[0]))
    table = (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=RANKING)
    )
    bus_lent_kwh = table["bus"].map(lent_kwh).fillna(0.0).astype(float)
    table.insert(5, "lent_kwh", bus_lent_kwh)
    return table


def _regions(answer: DayAnswer) -> pd.DataFrame:
    regions = answer.csocc.largest_decision.regions
    rows = [_region(region, answer.day.hours) for region in regions]
    return pd.DataFrame(rows, columns=REGIONS)


def _region(region: RegionAtRisk, hours: float) -> dict[str, object]:
    row: dict[str, object] = {
        "entry_bus": region.buses[0],
        "buses": ", ".join(region.buses),
        "at_risk_h": float(region.at_risk.sum()) * hours,
        "candidates": 0,
        "mcts_episodes": None,
        "mcts_rank_correlation": None,
    }
    if region.ranking is not None:
        row["candidates"] = len(region.ranking.exact)
        row["mcts_episodes"] = region.ranking.learned.last_change
        row["mcts_rank_correlation"] = region.ranking.correlation
    return row


def _steps(answer: DayAnswer) -> pd.DataFrame:
    """Time, price, sun, load, and by case the power at the source and the cost."""
    cost = in_currency("cost", answer.question.config.currency)
    columns = {
        "time": answer.day.times,
        "price_per_mwh": 1000 * answer.day.price,
        "sun_pu": answer.day.sun_pu,
        "load_kw": answer.day.load_kw.sum(axis=1),
    }
    for name, case in answer.cases.items():
        columns[f"source_kw_{name}"] = case.solution.source_kva.real
        columns[f"{cost}_{name}"] = case.cost
    return pd.DataFrame(columns)


def _voltages(answer: DayAnswer) -> pd.DataFrame:
    """Highest voltage of every bus, and what it takes from the grid, in every step and case."""
    buses = np.array(answer.question.plant.bus_names)
    n_steps = answer.day.n_steps
    parts = []
    for name, case in answer.cases.items():
        columns = {
            "case": name,
            "time": np.repeat(answer.day.times, len(buses)),
            "bus": np.tile(buses, n_steps),
            "v_pu": case.v_pu.ravel(),
            "net_load_kw": case.net_load_kw.ravel(),
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _schedules(answer: DayAnswer) -> pd.DataFrame:
    """What every battery does in every step and case but `none`; `lent_kw` is what it charges for others."""
    nothing_kw = np.zeros(answer.csocc.lent_kw.shape)
    parts = []
    for name, case in answer.cases.items():
        if name in answer.cooperations:
            lent_kw = answer.cooperations[name].lent_kw
            charged_kw = np.minimum(lent_kw, case.schedule.charge_kw)
            parts.append(_schedule(answer, name, case, charged_kw))
        elif name != "none":
            parts.append(_schedule(answer, name, case, nothing_kw))
    return pd.concat(parts, ignore_index=True)


def _schedule(
    answer: DayAnswer, name: str, case: Case, lent_kw: FloatArray
) -> pd.DataFrame:
    plant = answer.question.plant
    buses = np.array([plant.bus_names[k] for k in plant.battery_bus])
    n_steps = answer.day.n_steps
    schedule = case.schedule
    columns = {
        "case": name,
        "time": np.repeat(answer.day.times, plant.n_batteries),
        "battery": np.tile(np.array(plant.batteries.names), n_steps),
        "bus": np.tile(buses, n_steps),
        "charge_kw": schedule.charge_kw.ravel(),
        "discharge_kw": schedule.discharge_kw.ravel(),
        "stored_kwh": schedule.stored_kwh.ravel(),
        "lent_kw": lent_kw.ravel(),
    }
    return pd.DataFrame(columns)


def _days(answers: list[DayAnswer]) -> pd.DataFrame:
    """What each case does on each day; beside it what the load alone would cost, and the lowest cost if it is proven."""
    rows = []
    for k, answer in enumerate(answers):
        for name, case in answer.cases.items():
            rows.append({"day": k + 1, "case": name, **_of_day(answer, name, case)})
    return pd.DataFrame(rows)


def _of_day(answer: DayAnswer, name: str, case: Case) -> dict[str, object]:
    """What a case does on a day."""
    currency = answer.question.config.currency
    proven_cost = None
    if name == "bound" and isinstance(answer.bound, Bound):
        proven_cost = answer.bound.lowest_cost
    return {
        in_currency("cost", currency): float(case.cost.sum()),
        "v_max_pu": float(np.fmax.reduce(case.v_pu, axis=None)),
        "violations": case.violations,
        "steps_unjudged": int((~case.solution.converged).sum()),
        "charged_kwh": float(case.schedule.charge_kw.sum()) * answer.day.hours,
        "bought_kwh": case.bought_kwh(answer.day.hours),
        in_currency("load_bill", currency): answer.day.load_bill,
        in_currency("proven", currency): proven_cost,
    }
