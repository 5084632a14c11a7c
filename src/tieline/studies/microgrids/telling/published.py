"""What the article prints of its cases (Q. Zhang et al., 2021), for the page to set beside a run."""

from __future__ import annotations

import pandas as pd

TABLE_II = pd.DataFrame(
    {
        "printed, central": [22.123, 22.339, 20.796, 26.378, 23.061],
        "printed, safe": [21.679, 21.827, 21.571, 27.002, 23.919],
    }
)
"""Costs of MG1 to MG5 in one window, in dollars."""

PUBLISHED = {"paper-window": TABLE_II}
"""By case."""
