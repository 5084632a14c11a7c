"""How much more than the central optimum the others cost, what batteries gained paid back.

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
    cost = bills.filter(like="cost_").iloc[:, 0]
    gain = bills.filter(like="stored_gain_").iloc[:, 0]
    return cost - gain


def gaps_by_day(bills: pd.DataFrame) -> pd.DataFrame:
    """Gap of all microgrids together: `day`, `decider`, `policy`, `gap_pct`; no row without the optimum of that day."""
    return _gaps(bills, "day")


def gaps_by_microgrid(bills: pd.DataFrame) -> pd.DataFrame:
    """Gap of all days together: `microgrid`, `decider`, `policy`, `gap_pct`; no row without the optimum."""
    # a day without an optimum would stand on one side of the comparison alone
    with_optimum = bills.loc[bills["decider"] == CENTRAL, "day"]
    return _gaps(bills[bills["day"].isin(with_optimum)], "microgrid")


def _gaps(bills: pd.DataFrame, by: str) -> pd.DataFrame:
    frame = bills.assign(net=net_cost(bills))
    sums = frame.groupby([by, *WHO], sort=False)["net"].sum().reset_index()
    is_central = sums["decider"] == CENTRAL
    optimum = sums[is_central].set_index(by)["net"]
    others = sums[~is_central & sums[by].isin(optimum.index)].copy()
    of_optimum = others[by].map(optimum)
    others["gap_pct"] = 100 * (others["net"] - of_optimum) / of_optimum.abs()
    return others.drop(columns="net").reset_index(drop=True)
