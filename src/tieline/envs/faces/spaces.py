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
    raise MissingExtraError("gymnasium", "envs", "A face for other packages' trainers") from None


def as_space(box: Box, entries: IntArray | None = None) -> spaces.Box:
    """The space of a box, or of some of its entries."""
    selection = slice(None) if entries is None else entries
    low = box.low[selection].astype(np.float32)
    high = box.high[selection].astype(np.float32)
    return spaces.Box(low, high, dtype=np.float32)


def cost_limits(task: Task) -> dict[str, float]:
    """Name of each cost -> its limit."""
    return {constraint.name: constraint.limit for constraint in task.constraints}
