"""`Board`: games after the leaders' choice, and what it leaves, by the slopes of the region: no power flow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.envs.market.estimates import Estimates, estimate_sets, largest_use
from tieline.envs.market.fill import NONE, with_each_der
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.objective import PENALTY
from tieline.envs.market.prepared import Prepared
from tieline.typing import BoolArray, FloatArray, IntArray

SMALLEST_KW = 1e-9
"""Stands in for a power of nothing where something is divided by it: what is nothing then has all the room."""


@dataclass(frozen=True, eq=False)
class Board:
    """Games, and what their leaders have chosen.

    Attributes:
        model, prepared: region and games.
        leaders: their DERs, -1 for none, (game, leader).
        is_taken: DERs among them, (game, der).
        chosen_kw: power of each DER, (game, der) [kW].
        left_kw: what they leave of the demand, (game,) [kW].
    """

    model: ChoiceModel
    prepared: Prepared
    leaders: IntArray
    is_taken: BoolArray
    chosen_kw: FloatArray
    left_kw: FloatArray

    @classmethod
    def of(cls, model: ChoiceModel, prepared: Prepared, leaders: IntArray) -> Board:
        """The board after the leaders' choice, (game, leader); no column before the first."""
        sets = leaders[:, None]
        filled_kw = model.filled_kw(prepared, sets)
        p_kw = filled_kw[:, 0]
        chosen_kw = np.zeros_like(prepared.unit_cost)
        is_taken = np.zeros(chosen_kw.shape, dtype=bool)
        game, leader = np.nonzero(leaders != NONE)
        der = leaders[game, leader]
        is_taken[game, der] = True
        p_of_der = p_kw[game, leader]
        # added and not set: a DER that is named twice has its power at one place and 0 at the other
        np.add.at(chosen_kw, (game, der), p_of_der)
        left_kw = prepared.games.wanted_kw - p_kw.sum(axis=1)
        return cls(model, prepared, leaders, is_taken, chosen_kw, left_kw)

    def room(self, power_kw: FloatArray) -> FloatArray:
        """Part of a power of each DER, (game, der) [kW], that fits before a limit that it uses up is reached, (game, der)."""
        model = self.model
        n_rows = model.watch.n_upper
        slope = model.slopes.use[:n_rows]
        rise = self.chosen_kw @ slope.T
        use = self.prepared.use[:, :n_rows] + rise
        largest_rise = (slope * power_kw.max(axis=0, initial=0.0)).max(
            axis=1, initial=0.0
        )
        # a limit that no DER reaches leaves all of them their whole power
        is_near = largest_use(use) + largest_rise > 1.0
        room_kw = np.full(power_kw.shape, np.inf)
        for row in np.flatnonzero(is_near):
            ders = model.is_used_up[row]
            to_limit_kw = (1.0 - use[:, row, None]) / slope[row, ders]
            room_kw[:, ders] = np.minimum(room_kw[:, ders], to_limit_kw)
        needed_kw = np.maximum(power_kw, SMALLEST_KW)
        return np.clip(room_kw / needed_kw, 0.0, 1.0)

    def gain(self) -> FloatArray:
        """J saved by adding each DER to the chosen, limits apart, (game, der) [currency/h]; an estimate."""
        money = self._estimates.money
        return money[:, :1] - money[:, 1:]

    def overload(self) -> FloatArray:
        """What adding each DER to the chosen brings beyond limits, less what it relieves, (game, der) [currency/h]; estimated."""
        excess = self._estimates.excess
        return PENALTY * (excess[:, 1:] - excess[:, :1])

    @cached_property
    def _estimates(self) -> Estimates:
        """Of the leaders' set and, behind it, of the same with each DER added in turn, (game, 1 + der)."""
        longer = with_each_der(self.leaders, self.model.n_ders)
        as_it_is = np.pad(
            self.leaders, pad_width=((0, 0), (0, 1)), constant_values=NONE
        )
        sets = np.concatenate([as_it_is[:, None], longer], axis=1)
        return estimate_sets(self.model, self.prepared, sets)
