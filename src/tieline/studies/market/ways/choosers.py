"""Who chooses the DERs of a group: functions from a prepared game to a set, (game, member), -1 for none.

policy          the trained leader-follower actors of a region
greedy          each agent the best DER given its leaders, judged by AC
cheapest        the lowest c_i + l0 LF_i
margin-search   the walk of the tree search with stability margin
all             every DER: the full program
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tieline.envs.market import rules
from tieline.envs.market.fill import NONE
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.typing import IntArray

Chooser = Callable[[ChoiceModel, Prepared, int], IntArray]
"""Chooses at most so many DERs of a model's own numbering, (game, member)."""


def greedy(model: ChoiceModel, prepared: Prepared, size: int) -> IntArray:
    """Each agent the best DER given its leaders."""
    return rules.greedy(model, prepared, min(size, model.n_ders))


def cheapest(model: ChoiceModel, prepared: Prepared, size: int) -> IntArray:
    """The DERs of lowest unit cost."""
    return rules.cheapest(model, prepared, min(size, model.n_ders))


def every(model: ChoiceModel, prepared: Prepared, size: int) -> IntArray:
    """All DERs that can give anything."""
    del size  # it limits those who choose, and here nobody does
    is_there = prepared.games.p_max_kw > 0
    number = np.arange(model.n_ders)
    return np.where(is_there, number, NONE)
