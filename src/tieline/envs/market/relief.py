"""`with_relief`: games whose demand is at least what it takes to bring broken limits back.

A set is judged by filling the demand. Where a line is past its limit before any choice, the program makes DERs behind it give
more than that; a set that fills a small demand only would be chosen for its slope at that limit, whatever its DERs ask.

    needed = max over broken limits of (use - 1) / slope        slope: of the least helpful DER among those that stand behind it
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.typing import FloatArray

BEHIND = 0.5
"""Part of the steepest relief from which a DER stands behind a limit: those behind a line differ by losses, others give none."""


def with_relief(model: ChoiceModel, prepared: Prepared) -> Prepared:
    """The games with the demand raised where that brings limits back; as they are elsewhere."""
    is_broken = (prepared.use > 1.0).any(axis=0)
    if not is_broken.any():
        return prepared
    rows = np.flatnonzero(is_broken)
    kw_per_use = _kw_per_use(model, rows)
    over = np.maximum(prepared.use[:, rows] - 1.0, 0.0)
    needed_kw = (over * kw_per_use).max(axis=1)
    games = prepared.games
    # more than its DERs can give relieves nothing
    needed_kw = np.minimum(needed_kw, games.p_max_kw.sum(axis=1))
    demand_kw = np.maximum(games.demand_kw, needed_kw)
    return replace(prepared, games=replace(games, demand_kw=demand_kw))


def _kw_per_use(model: ChoiceModel, rows: np.ndarray) -> FloatArray:
    """Power that takes a limit back by the whole of it, 0 where no DER relieves it, (row,) [kW]."""
    relief = -model.slopes.use[rows]
    steepest = relief.max(axis=1, initial=0.0)
    is_behind = relief >= BEHIND * steepest[:, None]
    least = np.where(is_behind, relief, np.inf).min(axis=1)
    is_relieved = steepest > 0
    divisor = np.where(is_relieved, least, 1.0)
    return np.where(is_relieved, 1.0 / divisor, 0.0)
