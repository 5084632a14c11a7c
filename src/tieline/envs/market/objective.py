"""What sets are worth once their power flows are solved.

    J(S) = sum c_i p_i + l0 [Loss(p) - Loss(0)] + lu s + rho sum_k max(0, y_k / ymax_k - 1)      [currency/h]

p, s as `fill` has them; Loss of the whole feeder; y flows and voltages of the region (`watch`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.market.prepared import Prepared
from tieline.typing import BoolArray, FloatArray, IntArray

PENALTY = 1000.0
"""rho: an hour at one whole limit beyond a limit [currency/h]; a choice that breaks one is no best where another keeps all."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What sets are worth, (game, set).

    Attributes:
        objective: J(S); infinite where the power flow has no solution [currency/h].
        p_kw: power of each member, (game, set, member) [kW].
        bought_kw: s, what the main feeder gives at the balancing price.
        loss_kw: of the feeder; NaN without a solution.
        excess: sum over the limits of what is used beyond them, as shares of the limits.
        solved: whether the power flow has a solution.
    """

    objective: FloatArray
    p_kw: FloatArray
    bought_kw: FloatArray
    loss_kw: FloatArray
    excess: FloatArray
    solved: BoolArray


def outcomes_of(
    prepared: Prepared,
    members: IntArray,
    p_kw: FloatArray,
    loss_kw: FloatArray,
    excess: FloatArray,
) -> Outcomes:
    """J put together.

    Args:
        prepared: the games.
        members: sets, (game, set, member).
        p_kw: power of each member, as `members`.
        loss_kw, excess: of the power flow of each set, (game, set).
    """
    games = prepared.games
    offer = of_members(games.offer, members)
    payment = offer * p_kw
    paid = payment.sum(axis=-1)
    covered_kw = p_kw.sum(axis=-1)
    bought_kw = games.wanted_kw[:, None] - covered_kw
    balancing = games.balancing_price[:, None] * bought_kw
    more_loss_kw = loss_kw - prepared.loss_kw[:, None]
    lost = games.reference_price[:, None] * more_loss_kw
    objective = paid + lost + balancing + PENALTY * excess
    # infinite and not NaN: a set without a solution must lose every comparison
    solved = np.isfinite(objective)
    return Outcomes(
        objective=np.where(solved, objective, np.inf),
        p_kw=p_kw,
        bought_kw=bought_kw,
        loss_kw=loss_kw,
        excess=excess,
        solved=solved,
    )


def idle_objective(prepared: Prepared) -> FloatArray:
    """J without any DER: the demand at the balancing price, and the limits that are broken already, (game,) [currency/h]."""
    games = prepared.games
    over = np.maximum(prepared.use - 1.0, 0.0)
    excess = over.sum(axis=1)
    return games.bill + PENALTY * excess


def of_members(values: FloatArray, members: IntArray) -> FloatArray:
    """Values of DERs, (game, der), at the members of sets, (game, set, member)."""
    game = np.arange(len(values))[:, None, None]
    return values[game, members]
