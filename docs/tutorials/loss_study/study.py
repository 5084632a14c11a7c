"""Solves all load levels in one batch.

Lines lose R I^2, so losses grow with about the square of the load, and the share of the load that is lost grows in proportion.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from loss_study.config import LossConfig
from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Tell


def answer(feeder: Feeder, config: LossConfig, tell: Tell) -> Answer:
    """The losses of every level; levels without a power flow have none."""
    load_pct = np.linspace(0, config.highest_load_pct, config.levels)
    tell(0, 1, f"{config.levels} load levels")
    solution = feeder.solve(load_scale=load_pct[:, None] / 100)
    levels = pd.DataFrame({"load_pct": load_pct, "loss_kw": solution.loss_kw})
    solved = levels.dropna()
    metrics = {
        "loss_max_kw": float(solved["loss_kw"].max()),
        "levels_without_solution": len(levels) - len(solved),
    }
    return Answer(metrics, {"levels": levels})
