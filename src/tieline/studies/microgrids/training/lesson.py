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
from tieline.studies.microgrids.training.judge import Judge
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
    n_plain = config.plain_windows
    plain = random.choice(len(windows), n_plain, replace=False)
    _, excess, _ = judge.solved(windows, wish)
    hard = _hardest(excess, len(windows), config.hard_windows)
    rows = np.concatenate([plain, hard])
    # the gain is that of an ordinary day
    of_plain = np.full(n_plain, 1.0 / n_plain)
    of_hard = np.zeros(len(hard))
    weights = np.concatenate([of_plain, of_hard])
    return Lesson(rows, weights)


def _hardest(excess: FloatArray, n_windows: int, count: int) -> IntArray:
    """Windows by the worst of their steps: the hardest of every group before the second of any, (window,)."""
    _, n_groups = excess.shape
    by_step = excess.reshape(n_windows, -1, n_groups)
    worst = by_step.max(axis=1)
    hardest_first = np.argsort(-worst, axis=0)
    # row after row: one window of each group in turn
    in_turn = hardest_first.ravel()
    return in_turn[:count]
