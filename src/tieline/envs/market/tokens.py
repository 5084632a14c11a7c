"""What a policy sees: a token for each DER, and features of the region, given what its leaders have chosen.

Prices are divided by the reference price, powers by the largest rating in the region unless something else is said, loads of
buses by the largest of the region, loss factors by the largest of the region, both at nominal load (`scales`). All numbers are
finite and of the size of one.

    offer            c_i
    limit            Pmax_i
    loss_factor      LF_i by AC, before any choice
    unit_cost        u_i = c_i + l0 LF_i
    rank             place of u_i among the DERs that are there, 0 the cheapest, 1 the dearest
    share            part of the demand that the DER covers alone
    left_share       part of the demand that it covers of what the chosen leave
    load             load of its bus
    surplus          load of its bus beyond the schedule
    distance         |Z| from the root, over the largest
    taken            1 if chosen already
    away             1 if it cannot inject
    own_loss         how its loss factor changes by its own power
    coupling         how its loss factor has changed by the power of the chosen
    room             part of its power that fits before a flow or the highest voltage reaches its limit
    gain             J saved by adding it to the chosen, over J of choosing nothing, limits apart: an estimate by `slopes`
    overload         what adding it brings beyond limits, or relieves (below 0), over the same, as sign(x) log(1 + |x|)
    behind           how far gain and overload together leave it behind the best DER, over the same, as log(1 + 100 x)

    demand           D
    left             part of D that the chosen leave
    capacity         sum Pmax over D, at most 3
    inflow, outflow  power over the borders into the region and out of it, over the region's nominal load
    branch_use       largest use of a branch limit before the choice, at most 2
    voltage_use      largest use of the voltage band before the choice, at most 2
    price            l0 over 0.10 currency/kWh, that of drawn games
    progress         part of the agents that have chosen
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tieline.envs.market.board import SMALLEST_KW, Board
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.objective import idle_objective
from tieline.envs.market.prepared import Prepared
from tieline.typing import BoolArray, FloatArray, IntArray

TOKEN_NAMES = (
    "offer",
    "limit",
    "loss_factor",
    "unit_cost",
    "rank",
    "share",
    "left_share",
    "load",
    "surplus",
    "distance",
    "taken",
    "away",
    "own_loss",
    "coupling",
    "room",
    "gain",
    "overload",
    "behind",
)

REGION_NAMES = (
    "demand",
    "left",
    "capacity",
    "inflow",
    "outflow",
    "branch_use",
    "voltage_use",
    "price",
    "progress",
)

TYPICAL_PRICE = 0.10
"""Reference price of drawn games [currency/kWh]."""


MOST_CAPACITY = 3.0
"""Three times the demand is more than enough: how much more does not matter to a choice."""

NEAR = 0.01
"""A hundredth of what there is to save: DERs that are nearer to the best than this are alike."""

MOST_USE = 2.0
"""A limit passed by its whole is as bad as one passed by more."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What an agent sees.

    Attributes:
        tokens: (game, der, feature), features as `TOKEN_NAMES`.
        region: (game, feature), features as `REGION_NAMES`.
        may_choose: DERs that are not taken yet, (game, der).
    """

    tokens: FloatArray
    region: FloatArray
    may_choose: BoolArray


def see(
    model: ChoiceModel, prepared: Prepared, leaders: IntArray, progress: ArrayLike
) -> Seen:
    """What the next agent sees.

    Args:
        model: the region.
        prepared: its games.
        leaders: DERs that are chosen already, -1 for none, (game, leader); no column for the first agent.
        progress: part of the agents that have chosen, a number or (game,).
    """
    board = Board.of(model, prepared, leaders)
    by_der = _of_offers(board) | _of_places(board) | _of_leaders(board)
    of_region = _of_region(board, progress)
    tokens = np.stack([by_der[name] for name in TOKEN_NAMES], axis=2)
    region = np.stack([of_region[name] for name in REGION_NAMES], axis=1)
    # nothing is known of a game without a power flow; zeros keep the others of a batch usable
    tokens[~prepared.solved] = 0.0
    region[~prepared.solved] = 0.0
    return Seen(tokens, region, may_choose=~board.is_taken)


def _of_offers(board: Board) -> dict[str, FloatArray]:
    """What DERs ask and can do, each (game, der)."""
    prepared = board.prepared
    games = prepared.games
    price = games.reference_price[:, None]
    is_away = games.p_max_kw <= 0
    # behind all others: a DER that is away must not take a place among those that are there
    ranked_cost = np.where(is_away, np.inf, prepared.unit_cost)
    share_kw = np.minimum(games.p_max_kw, games.wanted_kw[:, None])
    needed_kw = _needed_kw(board)
    return {
        "offer": games.offer / price,
        "limit": games.p_max_kw / board.model.scales.power_kw,
        "unit_cost": prepared.unit_cost / price,
        "rank": _rank(ranked_cost),
        "share": share_kw / needed_kw[:, None],
        "away": is_away.astype(float),
    }


def _of_places(board: Board) -> dict[str, FloatArray]:
    """What is known of where DERs stand, each (game, der)."""
    model = board.model
    scales = model.scales
    games = board.prepared.games
    beyond_kw = games.load_kw - games.schedule_kw
    surplus_kw = beyond_kw @ scales.at_der
    load_kw = games.load_kw @ scales.at_der
    distance = model.z_pu / scales.z_pu
    return {
        "loss_factor": board.prepared.loss_factor / scales.loss_factor,
        "load": load_kw / scales.bus_load_kw,
        "surplus": surplus_kw / scales.bus_load_kw,
        "distance": np.broadcast_to(distance, games.offer.shape),
    }


def _of_leaders(board: Board) -> dict[str, FloatArray]:
    """What the leaders' choice leaves, each (game, der)."""
    games = board.prepared.games
    scale = board.model.scales.loss_factor
    curvature = board.model.slopes.curvature
    alone_kw = np.minimum(games.p_max_kw, games.wanted_kw[:, None])
    next_kw = np.minimum(games.p_max_kw, board.left_kw[:, None])
    # where limits are broken already the bill is the smaller part of what there is to save
    idle = idle_objective(board.prepared)
    worth = np.maximum(idle, SMALLEST_KW)[:, None]
    needed_kw = _needed_kw(board)[:, None]
    own_change = np.diagonal(curvature) * alone_kw
    leaders_change = board.chosen_kw @ curvature
    # a limit that is broken costs many times that: the logarithm keeps what is small apart, and what is large in bounds
    overload = board.overload() / worth
    overload_size = np.log1p(np.abs(overload))
    gain = board.gain() / worth
    is_there = games.p_max_kw > 0
    behind = _behind(overload - gain, is_there)
    return {
        "taken": board.is_taken.astype(float),
        "left_share": next_kw / needed_kw,
        "own_loss": own_change / scale,
        "coupling": leaders_change / scale,
        "room": board.room(alone_kw),
        "gain": gain,
        "overload": np.sign(overload) * overload_size,
        "behind": np.log1p(behind / NEAR),
    }


def _of_region(board: Board, progress: ArrayLike) -> dict[str, FloatArray]:
    """Features of the region by name, each (game,)."""
    prepared = board.prepared
    games = prepared.games
    scales = board.model.scales
    needed_kw = _needed_kw(board)
    n_flows = len(board.model.watch.flows)
    # branches come first among the rows; a region may have none of them
    branch_uses = prepared.use[:, :n_flows]
    branch_use = branch_uses.max(axis=1, initial=0.0)
    voltage_uses = prepared.use[:, n_flows:]
    voltage_use = voltage_uses.max(axis=1, initial=0.0)
    capacity_kw = games.p_max_kw.sum(axis=1)
    capacity = capacity_kw / needed_kw
    share_of_agents = np.asarray(progress, dtype=float)
    return {
        "demand": games.wanted_kw / scales.power_kw,
        "left": board.left_kw / needed_kw,
        "capacity": np.minimum(capacity, MOST_CAPACITY),
        "inflow": prepared.inflow_kw / scales.load_kw,
        "outflow": prepared.outflow_kw / scales.load_kw,
        "branch_use": np.minimum(branch_use, MOST_USE),
        "voltage_use": np.minimum(voltage_use, MOST_USE),
        "price": games.reference_price / TYPICAL_PRICE,
        "progress": np.broadcast_to(share_of_agents, len(games)),
    }


def _needed_kw(board: Board) -> FloatArray:
    """The demand as a divisor, (game,) [kW]."""
    wanted_kw = board.prepared.games.wanted_kw
    return np.maximum(wanted_kw, SMALLEST_KW)


def _behind(cost: FloatArray, is_there: BoolArray) -> FloatArray:
    """How much more each DER costs than the best one that is there, (game, der)."""
    open_cost = np.where(is_there, cost, np.inf)
    best = open_cost.min(axis=1, keepdims=True)
    # where all are away none is behind
    is_known = np.isfinite(best)
    best = np.where(is_known, best, cost)
    return np.maximum(cost - best, 0.0)


def _rank(cost: FloatArray) -> FloatArray:
    """Place of each DER by its cost, 0 to 1, (game, der)."""
    order = np.argsort(cost, axis=1, kind="stable")
    place = np.argsort(order, axis=1, kind="stable")
    last_place = cost.shape[1] - 1
    return place / max(last_place, 1)
