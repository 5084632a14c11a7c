"""What the article prints (S. Bose, Y. Zhang, arXiv 2111.02054v4, table 3), for pages to set beside a run."""

from __future__ import annotations

RUN_TIME_S = {
    "cpo": (0.51, 0.76),
    "mpc-8": (2.76, 7.59),
    "mpc-paper": (2.76, 7.59),
    "imitation": (0.38, 0.62),
}
"""Run time of a horizon on 36 and 141 buses, by decider [s]."""

TRAINING_S = {"cpo": (4310.0, 33_780.0), "imitation": (345.0, 1215.0)}
"""Time of a training likewise [s]."""
