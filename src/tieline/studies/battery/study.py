"""Cooperative battery control: five ways to use the same batteries on the same days, judged by the same AC power flow.

Cases: `none` (batteries idle), `conventional` (charge from the first surplus, discharge at the evening's highest load), `mpc`
(each battery against price and reverse power of its own bus), `csocc` (the same, with capacity lent to the regions at risk) and
`bound` (one central optimum). Quantities by case:

    v_max_pu_<case>               highest voltage
    v_min_pu_<case>               lowest voltage; it is told, not kept
    violations_<case>             bus-steps above the limit, of the steps that were solved; None if none was
    steps_unjudged_<case>         steps without a power-flow solution: no pass and no violation
    reverse_kwh_critical_<case>   reverse power of the critical buses above theta in the hours at risk, less what others took
    reverse_kwh_day_<case>        the same over the whole day
    cost_usd_<case>               price times power at the source, losses included; what flows back is paid the same price

and `saving_vs_conventional_pct`, `gap_to_bound_pct` of CSOCC; `required_energy_kwh` (C_r, and what voltages need beyond it),
`lent_energy_kwh`, `missing_energy_kwh`; `assisting_buses`, `critical_buses`, `at_risk_h`; `mcts_rank_correlation` (Kendall tau
against the exhaustive ranking, the worst of regions and days), `mcts_episodes` (the last that changed the first places, the
most); `decision_ms` of CSOCC per step; `load_bill_usd`, the day's load at the pool price; `cases_unjudged`, steps without a
solution in all cases together, and `unjudged_pct` of all. Over several days: costs, energies and counts of buses are means,
violations and unjudged steps sums, voltages the highest and lowest. A cost is None if a step of it is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from tieline.agents.assisting import rank_correlation
from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Metric, Tell
from tieline.studies.battery.cases import CASES, Played, above_limit, judged_steps, play
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.days import make_days
from tieline.studies.battery.plant import Plant, make_plant
from tieline.studies.battery.remarks import remarks
from tieline.studies.battery.size import require_size
from tieline.studies.battery.tables import make_tables
from tieline.studies.unjudged import count_unjudged, known
from tieline.typing import BoolArray

SWEPT = ("violations", "v_max_pu", "reverse_kwh_critical", "cost_usd")
BORROWED = ("required_energy_kwh", "lent_energy_kwh", "missing_energy_kwh")
"""Quantities by case, and others, that a sweep over battery energies shows."""


def answer(feeder: Feeder, config: BatteryConfig, tell: Tell) -> Answer:
    """Play the days of a configuration on a feeder.

    Returns:
        Metrics as above; tables `ranking`, `regions`, `buses`, `steps`, `voltages`, `schedules` of the first day, `days`, and
        `sweep` if asked for.

    Raises:
        InputError, FeederError: if tables or numbers cannot be used on the feeder; there is no battery; the horizon is longer
            than the data.
        NotConvergedError: if no step of a day has a power-flow solution without batteries.
        NoAnswerError: if a schedule has no optimum.
    """
    require_size(feeder, config)
    plant, played, metrics = _play_days(feeder, config, tell)
    tables = make_tables(plant, played, config)
    if config.swept_hours:
        tables["sweep"] = _sweep(feeder, config, tell)
    return Answer(metrics, tables, remarks(plant, played, metrics, config))


def _play_days(
    feeder: Feeder, config: BatteryConfig, tell: Tell
) -> tuple[Plant, list[Played], dict[str, Metric]]:
    plant = make_plant(feeder, config)
    played = []
    for k, day in enumerate(make_days(feeder, config)):
        played.append(play(plant, day, config, _teller(tell, k, config.scenarios), k))
    return plant, played, _metrics(plant, played, config)


def _teller(tell: Tell, day: int, days: int) -> Callable[[str], None]:
    of = f"day {day + 1} of {days}: " if days > 1 else ""
    return lambda text: tell(day, days, of + text)


def _sweep(feeder: Feeder, config: BatteryConfig, tell: Tell) -> pd.DataFrame:
    """One row per battery energy: what each case breaks and costs, and what is missing."""
    names = [
        f"{quantity}_{case}"
        for quantity in SWEPT
        for case in CASES
        if case not in ("none", "bound")
    ]
    rows = []
    for hours in config.swept_hours:
        smaller = config.model_copy(
            update={"battery_hours": hours, "bound": "off", "sweep_hours": None}
        )
        metrics = _play_days(feeder, smaller, tell)[2]
        rows.append(
            {"battery_hours": hours, **{name: metrics[name] for name in (*names, *BORROWED)}}
        )
    return pd.DataFrame(rows)


def _metrics(plant: Plant, played: list[Played], config: BatteryConfig) -> dict[str, Metric]:
    metrics: dict[str, Metric] = {}
    for name in CASES:
        if all(name in one.cases for one in played):
            metrics |= _of_case(name, played, config)
    metrics |= _shares(metrics) | _of_coordination(plant, played, config)
    cases = [case for one in played for case in one.cases.values()]
    steps = sum(len(case.cost) for case in cases)
    return metrics | count_unjudged(steps - judged_steps(cases), steps)


def _of_case(name: str, played: list[Played], config: BatteryConfig) -> dict[str, Metric]:
    cases = [one.cases[name] for one in played]
    judged = judged_steps(cases)
    reverse = [
        one.day.hours * one.cases[name].reverse_kw * critical_buses(one, config) for one in played
    ]
    return {
        f"v_max_pu_{name}": known(
            np.fmax.reduce([np.fmax.reduce(case.v_pu, axis=None) for case in cases])
        ),
        f"v_min_pu_{name}": known(
            np.fmin.reduce([np.fmin.reduce(case.v_low_pu) for case in cases])
        ),
        f"violations_{name}": sum(int(above_limit(case, config).sum()) for case in cases)
        if judged
        else None,
        f"steps_unjudged_{name}": sum(len(case.cost) for case in cases) - judged,
        f"reverse_kwh_critical_{name}": _mean(
            float(r[at_risk(one, config)].sum()) for r, one in zip(reverse, played, strict=True)
        ),
        f"reverse_kwh_day_{name}": _mean(float(r.sum()) for r in reverse),
        f"cost_usd_{name}": known(_mean(float(case.cost.sum()) for case in cases)),
    }


def critical_buses(one: Played, config: BatteryConfig) -> BoolArray:
    """Buses above the limit at some time without batteries, (bus,)."""
    return np.asarray(above_limit(one.cases["none"], config).any(axis=0))


def at_risk(one: Played, config: BatteryConfig) -> BoolArray:
    """Steps in which a bus is above the limit without batteries, (step,)."""
    return np.asarray(above_limit(one.cases["none"], config).any(axis=1))


def _shares(metrics: dict[str, Metric]) -> dict[str, Metric]:
    """Saving and gap of CSOCC [%]."""
    return {
        "saving_vs_conventional_pct": _less_pct(
            metrics["cost_usd_csocc"], metrics["cost_usd_conventional"]
        ),
        "gap_to_bound_pct": _less_pct(
            metrics.get("cost_usd_bound"), metrics["cost_usd_csocc"], of_first=True
        ),
    }


def _less_pct(first: Metric, second: Metric, of_first: bool = False) -> float | None:
    """By how much the first is less than the second [% of the second, or of the first]."""
    if not isinstance(first, float) or not isinstance(second, float):
        return None
    base = abs(first if of_first else second)
    return 100 * (second - first) / base if base > 0 else None


def lenders(plant: Plant, one: Played) -> BoolArray:
    """Buses that lent anything, (bus,)."""
    return plant.by_bus(one.cooperation.lent_kw).sum(axis=0) > 0


def _of_coordination(
    plant: Plant, played: list[Played], config: BatteryConfig
) -> dict[str, Metric]:
    plans = [plan for one in played for plan in one.cooperation.plans]
    rankings = [
        region.ranking for plan in plans for region in plan.regions if region.ranking is not None
    ]
    required = sum(plan.loan.required_kwh for plan in plans) / len(played)
    missing = sum(plan.loan.missing_kwh for plan in plans) / len(played)
    return {
        "required_energy_kwh": required,
        "lent_energy_kwh": required - missing,
        "missing_energy_kwh": missing,
        "assisting_buses": _mean(float(lenders(plant, one).sum()) for one in played),
        "critical_buses": _mean(float(critical_buses(one, config).sum()) for one in played),
        "at_risk_h": _mean(float(at_risk(one, config).sum()) * one.day.hours for one in played),
        "mcts_rank_correlation": min(
            (rank_correlation(r.exact, r.learned.ranking) for r in rankings), default=None
        ),
        "mcts_episodes": max((r.learned.last_change for r in rankings), default=None),
        "decision_ms": 1000 * _mean(one.decision_s / len(one.day.price) for one in played),
        "load_bill_usd": _mean(one.day.load_bill for one in played),
        "batteries": len(plant.battery_bus),
    }


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
