"""Which windows an update looks at: some picked evenly, and those that break a limit most or come next to it.

A limit binds in a few hours of a day. Of windows picked evenly an update would see five that matter, and bend the policies to
these five. Looking for hard ones takes no more than a power flow of all windows; derivatives are taken of what was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.windows import Windows
from tieline.studies.microgrids.training.config import LearnerConfig
from tieline.studies.microgrids.training.problem import Judge
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Lesson:
    """Windows of an update: `rows` (window,), and what each counts in the gain, `weights` (window,)."""

    rows: IntArray
    weights: FloatArray


def choose(
    judge: Judge,
    windows: Windows,
    wish: SetPoints,
    config: LearnerConfig,
    random: np.random.Generator,
) -> Lesson:
    """Pick windows.

    Args:
        judge: of limits.
        windows: those into which the policies came.
        wish: set-points that they wish there, without noise.
        config: how many.
        random: for those picked evenly.
    """
    plain = random.choice(len(windows), config.plain_windows, replace=False)
    _, values, _ = judge.solved(windows, wish)
    by_window = values.reshape(len(windows), windows.n_steps, -1).max(axis=1)
    n_groups = by_window.shape[1]
    each = config.hard_windows // n_groups
    order = np.argsort(-by_window, axis=0)
    hard = order[:each].ravel()
    rows = np.concatenate([plain, hard])
    weights = np.zeros(len(rows))
    weights[: len(plain)] = 1.0 / len(plain)
    return Lesson(rows, weights)
