"""How much more than the central optimum the others cost, what batteries gained paid back.

    net cost  = cost - value of what is stored at the end beyond the start
    gap       = (net cost - that of the optimum) / |that of the optimum|

The optimum minimises the net cost of all microgrids together, so that nobody who keeps all limits is below it; a single microgrid
may be.
"""

from __future__ import annotations

import pandas as pd

from tieline.studies.microgrids.deciders import CENTRAL


def net_cost(bills: pd.DataFrame) -> pd.Series:
    """Cost less what batteries gained, a number per row."""
    # one column each, whatever the currency at the end of their names
    cost = bills.filter(like="cost_").iloc[:, 0]
    gain = bills.filter(like="stored_gain_").iloc[:, 0]
    return cost - gain


def gaps_by_day(bills: pd.DataFrame) -> pd.DataFrame:
    """Gap of each day, a row per day and a column per decider [%]; no column without the optimum."""
    return _gaps(bills, "day")


def gaps_by_microgrid(bills: pd.DataFrame) -> pd.DataFrame:
    """Gap of all days together, a row per microgrid and a column per decider [%]; no column without the optimum."""
    return _gaps(bills, "microgrid")


def _gaps(bills: pd.DataFrame, by: str) -> pd.DataFrame:
    frame = bills.assign(net=net_cost(bills))
    wide = frame.pivot_table(
        index=by, columns="decider", values="net", aggfunc="sum", sort=False
    )
    if CENTRAL not in wide:
        return wide.iloc[:, :0]
    optimum = wide[CENTRAL]
    return 100 * wide.sub(optimum, axis=0).div(optimum.abs(), axis=0)
