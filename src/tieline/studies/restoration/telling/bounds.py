"""How far each decider is below the bound of the same draw.

    gap = (bound - objective) / |bound|

Nobody who keeps all limits on a balanced island is above the bound but for the tolerance of its program.
"""

from __future__ import annotations

import pandas as pd

from tieline.studies.restoration.deciders import BOUND, BOUNDS

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
