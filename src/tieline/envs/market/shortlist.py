"""`Shortlist`: the DERs that the next agent of the greedy rule looks at by AC: no more than can still be the best.

    J(S) >= sum u_i p_i + lu s - rho x what is used beyond limits before any choice

Losses are convex in what DERs inject, so that they lie above their slope without DERs, which is in u; what is used beyond limits
costs, and can be relieved of no more than there is. DERs are looked at in the order of this bound until that of the next one is
above the lowest J so far. Among thousands of DERs these are a few; where limits are broken before any choice, all.
"""

from __future__ import annotations

import numpy as np

from tieline.envs.market.fill import with_each_der
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.objective import idle_objective, of_members
from tieline.envs.market.prepared import Prepared
from tieline.typing import FloatArray, IntArray

AT_ONCE = 32
"""DERs of a game that are looked at together: two blocks of lanes of the power flow."""

NOISE = 1e-7
"""Part of the feeder's load by which losses may differ for no reason: ten times what the power flow is solved to."""


class Shortlist:
    """DERs in the order of their bound, and what AC said of those that were looked at.

    Args:
        model, prepared: region and games.
        leaders: what was chosen so far, (game, leader).

    Attributes:
        objective: J with each DER added, infinite for those not looked at, (game, der) [currency/h].
    """

    def __init__(
        self, model: ChoiceModel, prepared: Prepared, leaders: IntArray
    ) -> None:
        self._sets = with_each_der(leaders, model.n_ders)
        self._noise = tie_tolerance(model, prepared)
        bound = _bound(model, prepared, self._sets)
        # of DERs with one bound the cheapest first: once the demand is covered all have the same
        self._order = np.lexsort((prepared.unit_cost, bound), axis=1)
        self._bound = np.take_along_axis(bound, self._order, axis=1)
        self._n_seen = 0
        self.objective: FloatArray = np.full(bound.shape, np.inf)

    @property
    def is_done(self) -> bool:
        """Whether none of those that are left can be better by more than the power flow is solved to."""
        if self._n_seen == self._bound.shape[1]:
            return True
        lowest = self.objective.min(axis=1)
        next_bound = self._bound[:, self._n_seen]
        return bool((next_bound >= lowest - self._noise).all())

    def next_sets(self) -> IntArray:
        """The sets to be looked at now, (game, set, member)."""
        ders = self._next_ders()
        return np.take_along_axis(self._sets, ders[..., None], axis=1)

    def take(self, objective: FloatArray) -> None:
        """J of `next_sets`, (game, set)."""
        ders = self._next_ders()
        np.put_along_axis(self.objective, ders, objective, axis=1)
        self._n_seen += ders.shape[1]

    def _next_ders(self) -> IntArray:
        end = self._n_seen + AT_ONCE
        return self._order[:, self._n_seen : end]


def tie_tolerance(model: ChoiceModel, prepared: Prepared) -> FloatArray:
    """Difference of J that means nothing, (game,) [currency/h]."""
    noise_kw = NOISE * model.network.feeder.peak_load_kw
    return noise_kw * prepared.games.reference_price


def spare_cost(prepared: Prepared) -> FloatArray:
    """u of each DER, above all offers where it is away, (game, der): what a member is worth that the demand leaves idle."""
    is_there = prepared.games.p_max_kw > 0
    balancing_price = prepared.games.balancing_price[:, None]
    return np.where(is_there, prepared.unit_cost, balancing_price)


def _bound(model: ChoiceModel, prepared: Prepared, sets: IntArray) -> FloatArray:
    """What J of sets is at least, (game, set) [currency/h]."""
    games = prepared.games
    p_kw = model.filled_kw(prepared, sets)
    unit_cost = of_members(prepared.unit_cost, sets)
    member_cost = unit_cost * p_kw
    bought_kw = games.wanted_kw[:, None] - p_kw.sum(axis=2)
    bought = games.balancing_price[:, None] * bought_kw
    relieved = idle_objective(prepared) - games.bill
    return member_cost.sum(axis=2) + bought - relieved[:, None]
