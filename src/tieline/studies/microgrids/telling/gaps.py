"""How much more than the central optimum the costs cost, what batteries gained paid back.

    net cost  = cost - value of what is stored at the end beyond the start
    gap       = (net cost - that of the optimum) / |that of the optimum|

The optimum minimises the net cost of all microgrids together, so that nobody who keeps all limits is below it; a single microgrid
may be.
"""

from __future__ import annotations

import pandas as pd

from tieline.studies.microgrids.deciders import CENTRAL

WHO = ["decider", "policy"]
"""Columns that tell one who decided from another: the decider, and the seed of its policies."""


def net_cost(bills: pd.DataFrame) -> pd.Series:
    """Cost less what batteries gained, a number per row."""
    # one column each, whatever the currency at the end of their names
    costs = bills.filter(like="cost_")
    gains = bills.filter(like="stored_gain_")
    return costs.iloc[:, 0] - gains.iloc[:, 0]


def gaps_by_day(bills: pd.DataFrame) -> pd.DataFrame:
    """Gap of all microgrids together: `day`, `decider`, `policy`, `gap_pct`; no row without the optimum of that day."""
    return _gaps(bills, "day")


def gaps_by_microgrid(bills: pd.DataFrame) -> pd.DataFrame:
    """Gap of all days together: `microgrid`, `decider`, `policy`, `gap_pct`; no row without the optimum."""
    # a day without an optimum would stand on one side of the comparison alone
    of_optimum = bills[bills["decider"] == CENTRAL]
    has_optimum = bills["day"].isin(of_optimum["day"])
    return _gaps(bills[has_optimum], "microgrid")


def _gaps(bills: pd.DataFrame, by: str) -> pd.DataFrame:
    frame = bills.assign(net=net_cost(bills))
    by_part = frame.groupby([by, *WHO], sort=False, as_index=False)
    sums = by_part["net"].sum()
    is_central = sums["decider"] == CENTRAL
    optimum = sums[is_central].set_index(by)["net"]
    costs = sums[~is_central]
    # NaN where there is no optimum to compare with
    optimum_beside = costs[by].map(optimum)
    above = costs["net"] - optimum_beside
    gap_pct = 100 * above / optimum_beside.abs()
    gaps = costs.drop(columns="net").assign(gap_pct=gap_pct)
    return gaps[optimum_beside.notna()].reset_index(drop=True)
