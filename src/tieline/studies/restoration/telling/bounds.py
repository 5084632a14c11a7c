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
    deciders = outcomes["decider"]
    played = outcomes[~deciders.isin(BOUNDS)]
    of_bound = outcomes[deciders == BOUND]
    bound = of_bound.set_index(PART)["objective"].rename("bound")
    beside = played.join(bound, on=PART)
    gap_kwh = beside["bound"] - beside["objective"]
    # an objective with more shed than served is below 0: its size, or the gap would change its sign
    bound_kwh = beside["bound"].abs()
    gap_pct = 100 * gap_kwh / bound_kwh
    return beside.assign(gap_kwh=gap_kwh, gap_pct=gap_pct)


def mean_gap_pct(
    outcomes: pd.DataFrame, name: str, scenarios: Sequence[str]
) -> float | None:
    """Gap of a decider, mean of scenarios, each the mean of its draws and policies; None without a bound."""
    gaps = with_gaps(outcomes)
    is_decider = gaps["decider"] == name
    is_scenario = gaps["scenario"].isin(scenarios)
    rows = gaps[is_decider & is_scenario]
    # first by scenario: one that is drawn many times would outweigh those that have a single draw
    by_scenario = rows.groupby("scenario")["gap_pct"].mean()
    answered = by_scenario.dropna()
    if answered.empty:
        return None
    return float(answered.mean())


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
    # a pivot sorts by name; tables keep the order of deciders and the order asked of scenarios
    names = [name for name in DECIDERS if name in means.index]
    scenarios = list(outcomes["scenario"].unique())
    wide = means.reindex(index=names, columns=scenarios)
    wide.columns = [f"{scenario}_{unit}" for scenario in scenarios]
    return wide.reset_index()
