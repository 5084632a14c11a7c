"""How far each decider is below the bound of the same draw.

    gap = (bound - objective) / |bound|

Nobody who keeps all limits on a balanced island is above the bound but for the tolerance of its program.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tieline.studies.restoration.deciders import BOUND, BOUNDS, DECIDERS

PART = ["scenario", "draw"]
"""Columns that tell one draw from another."""


def with_gaps(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Outcomes of those who decide, with `gap_kwh` and `gap_pct`; NaN where the bound was not asked."""
    played = outcomes[~outcomes["decider"].isin(BOUNDS)]
    of_bound = outcomes[outcomes["decider"] == BOUND]
    bound = of_bound.set_index(PART)["objective"].rename("bound")
    beside = played.join(bound, on=PART)
    gap_kwh = beside["bound"] - beside["objective"]
    gap_pct = 100 * gap_kwh / beside["bound"].abs()
    return beside.assign(gap_kwh=gap_kwh, gap_pct=gap_pct)


def mean_gap_pct(
    outcomes: pd.DataFrame, name: str, scenarios: Sequence[str]
) -> float | None:
    """Gap of a decider, mean of scenarios, each the mean of its draws and policies; None without a bound."""
    gaps = with_gaps(outcomes)
    is_asked = (gaps["decider"] == name) & gaps["scenario"].isin(scenarios)
    by_scenario = gaps[is_asked].groupby("scenario")["gap_pct"].mean().dropna()
    return float(by_scenario.mean()) if len(by_scenario) else None


def standings(outcomes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables `objective` [kWh of load of weight 1] and `gap_to_bound` [%]: a row per decider, a column per scenario."""
    tables = {"objective": _by_decider(outcomes, "objective", "kwh")}
    gaps = with_gaps(outcomes)
    if gaps["gap_pct"].notna().any():
        tables["gap_to_bound"] = _by_decider(gaps, "gap_pct", "pct")
    return tables


def _by_decider(outcomes: pd.DataFrame, column: str, unit: str) -> pd.DataFrame:
    """Means of the draws and policies of each scenario."""
    means = outcomes.pivot_table(index="decider", columns="scenario", values=column)
    names = [name for name in DECIDERS if name in means.index]
    scenarios = list(outcomes["scenario"].unique())
    wide = means.reindex(index=names, columns=scenarios)
    wide.columns = [f"{scenario}_{unit}" for scenario in scenarios]
    return wide.reset_index()
