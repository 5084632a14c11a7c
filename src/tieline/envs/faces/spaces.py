"""Bounds of a task as a Gymnasium space, and costs by name. All faces speak single precision, as neural networks do."""

from __future__ import annotations

import numpy as np

from tieline.envs.box import Box
from tieline.envs.task import Task
from tieline.errors import MissingExtraError
from tieline.typing import IntArray

try:
    from gymnasium import spaces
except ImportError:
    raise MissingExtraError(
        "gymnasium", "envs", "A face for other packages' trainers"
    ) from None


def as_space(box: Box, entries: IntArray | None = None) -> spaces.Box:
    """The space of a box, or of some of its entries."""
    selection = entries
    if entries is None:
        selection = slice(None)
    low = box.low[selection]
    high = box.high[selection]
    # the bounds as the observations are given, else one at its bound may lie outside by rounding
    return spaces.Box(
        low.astype(np.float32),
        high.astype(np.float32),
        dtype=np.float32,
    )


def cost_limits(task: Task) -> dict[str, float]:
    """Name of each cost -> its limit."""
    return {constraint.name: constraint.limit for constraint in task.constraints}
