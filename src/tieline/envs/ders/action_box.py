"""`action_box`: what the agents of the task set, and within which limits."""

from __future__ import annotations

import numpy as np

from tieline.envs.box import Box
from tieline.envs.ders.model import DerModel


def action_box(
    model: DerModel, pv_word: str, pv_low: float, flexible_low: float
) -> Box:
    """Two entries for each agent: P and Q of batteries, what PV spills and its Q, what flexible loads curtail and shift.

    Args:
        model: the feeder.
        pv_word, pv_low: name and least value of the first entry of PV; the highest is 1.
        flexible_low: least value of both entries of flexible loads.
    """
    boxes = []
    for agent in model.agent_names:
        kind = agent.partition("_")[0]
        words, low = {
            "battery": (("p_share", "q_share"), (-1.0, -1.0)),
            "pv": ((pv_word, "q_share"), (pv_low, -1.0)),
            "flexible": (("curtail_share", "shift_share"), 2 * (flexible_low,)),
        }[kind]
        names = tuple(f"{word} of {agent}" for word in words)
        boxes.append(Box(names, np.array(low), np.ones(2)))
    return Box.joined(boxes)
