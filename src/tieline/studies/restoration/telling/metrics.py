"""Metrics of a run, by names that stay the same from version to version; all are made of its tables.

    restored_kwh                 energy served over the horizon
    restored_pct                 the same, of what all loads would take
    shed_kwh                     energy, for one step, of load that went off beyond its free share
    dropped_kwh                  the same with the free share: 2 % a step is free, 48 % over the day
    blackout_steps               steps in which the island is dead
    objective                    served energy by weight, less cost of fuel, less twice what was shed [kWh of load of weight 1]
    gap_to_bound_pct             how far the objective is below the bound of the same draw, in % of it
    first_step_pct, full_step    load on in the first step; first step from which on all load is on for four steps, -1 if none
    violations                   voltages, flows and droop units outside their limits, all steps together
    frequency_violation_max_hz   how far the frequency leaves what all droop units stay connected at
    safety_touched               steps that the safety step changed
    distflow_gap_max, droop_gap_max_pu, complementarity_max_kw
                                 what the model of who has one leaves open in the steps that are carried out: l - (p^2 + q^2)/v
                                 [pu], |V| beyond its droop law [pu], charge and discharge at once [kW]
    decision_ms, horizon_s       a decision, median of the steps, and all decisions of a horizon; of one draw

Each ends with its decider and its scenario: `objective_mpc_8_short15`. Where there are several draws or policies it is the mean
of them, and `gap_to_bound_pct`, `objective` and `restored_kwh` have their spread too: `gap_to_bound_pct_std_cpo_random`,
`_lowest`, `_highest`. The bound has the first
lines and no gap. `train_s` and `episodes` are of the training of the policies, as far as it is known. `cases_unjudged` counts
steps without an exact solution, of all deciders.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tieline.studies.answer import Metric
from tieline.studies.restoration.deciders import BOUNDS, DECIDERS
from tieline.studies.restoration.telling.bounds import with_gaps
from tieline.studies.unjudged import count_unjudged, finite_or_none

Tables = Mapping[str, pd.DataFrame]

OUTCOMES = (
    "restored_kwh",
    "restored_pct",
    "shed_kwh",
    "dropped_kwh",
    "blackout_steps",
    "objective",
    "first_step_pct",
)
"""Columns of the outcomes whose mean is a metric."""

SPREAD = ("gap_to_bound_pct", "objective", "restored_kwh")
"""Metrics whose spread is told."""

LARGEST = {
    "frequency_violation_max_hz": "frequency_miss_hz",
    "distflow_gap_max": "distflow_gap",
    "droop_gap_max_pu": "droop_gap_pu",
    "complementarity_max_kw": "overlap_kw",
}
"""Metrics that are the largest of a column of the steps."""

OF_TRAINING = ("train_s", "episodes")

ONE = ["policy", "draw"]
"""Columns that tell one horizon of a decider in a scenario from another."""


def make_metrics(tables: Tables, of_training: Mapping[str, Any]) -> dict[str, Metric]:
    """All metrics.

    Args:
        tables: of `telling.tables`.
        of_training: metrics of the training of the policies; none if unknown.
    """
    outcomes = tables["outcomes"]
    gaps = with_gaps(outcomes)
    metrics: dict[str, Metric] = {}
    for scenario in outcomes["scenario"].unique():
        for name in deciders_of(tables):
            suffix = f"{DECIDERS[name].suffix}_{scenario}"
            of_turn = _of_turn(tables, gaps, scenario, name)
            for key, value in of_turn.items():
                metrics[f"{key}_{suffix}"] = value
    for key in OF_TRAINING:
        # shipped policies know it; a policy file that was given alone does not
        if key in of_training:
            metrics[key] = of_training[key]
    metrics |= _unjudged(tables["steps"])
    return {key: _real(value) for key, value in metrics.items()}


def deciders_of(tables: Tables) -> list[str]:
    """Who was asked, in the order of tables."""
    names = set(tables["outcomes"]["decider"])
    return [name for name in DECIDERS if name in names]


def rows_of(table: pd.DataFrame, scenario: str, name: str) -> pd.DataFrame:
    """Rows of a decider in a scenario."""
    is_asked = (table["scenario"] == scenario) & (table["decider"] == name)
    return table[is_asked]


def _of_turn(
    tables: Tables, gaps: pd.DataFrame, scenario: str, name: str
) -> dict[str, Metric]:
    outcomes = rows_of(tables["outcomes"], scenario, name)
    # a bound that has no plan in any draw of the scenario
    if outcomes.empty:
        return {}
    metrics: dict[str, Metric] = {
        column: float(outcomes[column].mean()) for column in OUTCOMES
    }
    # a mean of steps would hide those that are never full
    metrics["full_step"] = _worst_full_step(outcomes["full_step"])
    columns = {metric: outcomes[metric] for metric in SPREAD if metric in outcomes}
    if name not in BOUNDS:
        gap_pct = rows_of(gaps, scenario, name)["gap_pct"]
        columns["gap_to_bound_pct"] = gap_pct
        metrics["gap_to_bound_pct"] = float(gap_pct.mean())
    metrics |= _spread(columns)
    return metrics | _of_steps(rows_of(tables["steps"], scenario, name), name)


def _worst_full_step(steps: pd.Series) -> int:
    """The latest of all; -1 if one never is."""
    if (steps < 0).any():
        return -1
    return int(steps.max())


def _spread(columns: Mapping[str, pd.Series]) -> dict[str, Metric]:
    spread: dict[str, Metric] = {}
    for metric, values in columns.items():
        # one value has no spread, and a spread of 0 would look measured
        if len(values) < 2:
            continue
        # of these draws and policies, not an estimate for all that could be
        spread[f"{metric}_std"] = float(values.std(ddof=0))
        spread[f"{metric}_lowest"] = float(values.min())
        spread[f"{metric}_highest"] = float(values.max())
    return spread


def _of_steps(steps: pd.DataFrame, name: str) -> dict[str, Metric]:
    largest: dict[str, Metric] = {}
    for metric, column in LARGEST.items():
        # only those with a relaxed model have gaps; the joined table holds NaN for all others
        if column in steps and steps[column].notna().any():
            largest[metric] = float(steps[column].max())
    # a bound is a plan: nobody carries it out
    if name in BOUNDS:
        return largest
    horizon_ms = steps.groupby(ONE)["decision_ms"].sum()
    return {
        **largest,
        "violations": int(steps["violations"].sum()),
        "safety_touched": int(steps["touched"].sum()),
        "decision_ms": float(steps["decision_ms"].median()),
        "horizon_s": float(horizon_ms.median()) / 1000,
    }


def _unjudged(steps: pd.DataFrame) -> dict[str, Metric]:
    """Steps of living islands without an exact solution."""
    played = steps[~steps["decider"].isin(BOUNDS)]
    if played.empty:
        return count_unjudged(0, 0)
    has_lights = ~played["is_dead"].astype(bool)
    unsolved = played["lowest_pu"].isna() & has_lights
    return count_unjudged(int(unsolved.sum()), len(played))


def _real(value: Metric) -> Metric:
    """None for a number that does not exist."""
    return finite_or_none(value) if isinstance(value, float) else value
