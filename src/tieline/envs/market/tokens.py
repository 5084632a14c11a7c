"""What a policy sees: a token for each DER, and features of the region, given what its leaders have chosen.

Prices are divided by the reference price, powers by the largest rating in the region unless something else is said, loads of buses
by the largest of the region, loss factors by the largest of the region, both at nominal load. All numbers are finite and of the
size of one.

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
    gain             J saved by adding it to the chosen, over lu D, limits apart: by `slopes`, so an estimate

    demand           D
    left             part of D that the chosen leave
    capacity         sum Pmax over D, at most 3 (a choice of three rarely needs more)
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

from tieline.envs.market.fill import NONE
from tieline.envs.market.model import ChoiceModel, Prepared, of_members
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
    model: ChoiceModel, prepared: Prepared, chosen: IntArray, progress: ArrayLike
) -> Seen:
    """What the next agent sees.

    Args:
        model: the region.
        prepared: its games.
        chosen: DERs of the leaders, -1 for none, (game, leader); no column for the first agent.
        progress: part of the agents that have chosen, a number or (game,).
    """
    board = _Board.of(model, prepared, chosen)
    columns = _tokens(model, prepared, board)
    tokens = np.stack([columns[name] for name in TOKEN_NAMES], axis=2)
    features = _region(model, prepared, board, progress)
    region = np.stack([features[name] for name in REGION_NAMES], axis=1)
    if not prepared.solved.all():
        # nothing is known of a game without a power flow; zeros keep the others of a batch usable
        tokens[~prepared.solved] = 0.0
        region[~prepared.solved] = 0.0
    return Seen(tokens=tokens, region=region, may_choose=~board.taken)


@dataclass(frozen=True, eq=False)
class _Board:
    """Games after the leaders' choice: (game, ...).

    taken (game, der); chosen_kw, power of each DER (game, der); left_kw (game,).
    """

    chosen: IntArray
    taken: BoolArray
    chosen_kw: FloatArray
    left_kw: FloatArray

    @classmethod
    def of(cls, model: ChoiceModel, prepared: Prepared, chosen: IntArray) -> _Board:
        count = len(prepared.games)
        taken = np.zeros((count, model.n_ders), dtype=bool)
        chosen_kw = np.zeros((count, model.n_ders))
        left_kw = prepared.games.wanted_kw.copy()
        if chosen.shape[1]:
            p_kw = model.filled_kw(prepared, chosen[:, None, :])[:, 0]
            row = np.arange(count)[:, None]
            np.add.at(chosen_kw, (row, chosen), p_kw)
            game, member = np.nonzero(chosen != NONE)
            taken[game, chosen[game, member]] = True
            left_kw -= p_kw.sum(axis=1)
        return cls(chosen, taken, chosen_kw, left_kw)


def _tokens(
    model: ChoiceModel, prepared: Prepared, board: _Board
) -> dict[str, FloatArray]:
    """Features of DERs by name, each (game, der)."""
    games = prepared.games
    price = games.reference_price[:, None]
    wanted_kw = np.maximum(games.wanted_kw, 1e-9)[:, None]
    power_scale = max(float(model.rated_kw.max()), 1.0)
    factor_scale = max(float(np.abs(model.slopes.loss_factor).max()), 1e-6)
    alone_kw = np.minimum(games.p_max_kw, games.wanted_kw[:, None])
    next_kw = np.minimum(games.p_max_kw, board.left_kw[:, None])
    curvature = model.slopes.curvature
    bus_load = model.load_at_der
    surplus_kw = (games.load_kw - games.schedule_kw) @ bus_load
    return {
        "offer": games.offer / price,
        "limit": games.p_max_kw / power_scale,
        "loss_factor": prepared.loss_factor / factor_scale,
        "unit_cost": prepared.unit_cost / price,
        "rank": _rank(prepared.unit_cost, games.p_max_kw > 0),
        "share": alone_kw / wanted_kw,
        "left_share": next_kw / wanted_kw,
        "load": games.load_kw @ bus_load / model.bus_load_kw,
        "surplus": surplus_kw / model.bus_load_kw,
        "distance": np.broadcast_to(
            model.z_pu / max(float(model.z_pu.max()), 1e-12), next_kw.shape
        ),
        "taken": board.taken.astype(float),
        "away": (games.p_max_kw <= 0).astype(float),
        "own_loss": np.diagonal(curvature) * alone_kw / factor_scale,
        "coupling": board.chosen_kw @ curvature / factor_scale,
        "room": _room(model, prepared, board, alone_kw),
        "gain": _gain(model, prepared, board),
    }


def _rank(unit_cost: FloatArray, is_there: BoolArray) -> FloatArray:
    """Place of each DER by its cost, 0 to 1; those that are away come last."""
    key = np.where(is_there, unit_cost, np.inf)
    place = np.argsort(np.argsort(key, axis=1, kind="stable"), axis=1, kind="stable")
    return place / max(unit_cost.shape[1] - 1, 1)


def _room(
    model: ChoiceModel, prepared: Prepared, board: _Board, power_kw: FloatArray
) -> FloatArray:
    """Part of a power that fits before a limit that the DER uses up is reached, (game, der)."""
    n_rows = model.n_upper_rows
    slope = model.slopes.use[:n_rows]
    free = 1.0 - prepared.use[:, :n_rows] - board.chosen_kw @ slope.T
    room_kw = np.full(power_kw.shape, np.inf)
    for der in range(model.n_ders):
        rows = model.upper_rows_of[der]
        if len(rows):
            room_kw[:, der] = (free[:, rows] / slope[rows, der]).min(axis=1)
    return np.clip(room_kw / np.maximum(power_kw, 1e-9), 0.0, 1.0)


def _gain(model: ChoiceModel, prepared: Prepared, board: _Board) -> FloatArray:
    """Estimated J saved by adding each DER to the chosen, over lu D, (game, der)."""
    games = prepared.games
    n_games, n_ders = games.p_max_kw.shape
    candidate = np.broadcast_to(np.arange(n_ders)[:, None], (n_games, n_ders, 1))
    leaders = np.repeat(board.chosen[:, None, :], n_ders, axis=1)
    with_it = np.concatenate([leaders, candidate], axis=2)
    worth = games.balancing_price * games.wanted_kw
    before = estimated_objective(model, prepared, board.chosen[:, None, :])
    after = estimated_objective(model, prepared, with_it)
    return (before - after) / np.maximum(worth, 1e-9)[:, None]


def estimated_objective(
    model: ChoiceModel, prepared: Prepared, members: IntArray
) -> FloatArray:
    """J of sets by the slopes of losses, limits apart, (game, set) [currency/h]; `members` is (game, set, member)."""
    games = prepared.games
    if members.shape[-1] == 0:
        worth = games.balancing_price * games.wanted_kw
        return np.broadcast_to(worth[:, None], members.shape[:2])
    p_kw = model.filled_kw(prepared, members)
    unit_cost = of_members(prepared.unit_cost, members)
    curvature = model.slopes.curvature[members[..., :, None], members[..., None, :]]
    bend_kw = np.einsum("gsi,gsij,gsj->gs", p_kw, curvature, p_kw) / 2.0
    bought_kw = games.wanted_kw[:, None] - p_kw.sum(axis=-1)
    covered = (unit_cost * p_kw).sum(axis=-1)
    balancing = games.balancing_price[:, None] * bought_kw
    return covered + games.reference_price[:, None] * bend_kw + balancing


def _region(
    model: ChoiceModel, prepared: Prepared, board: _Board, progress: ArrayLike
) -> dict[str, FloatArray]:
    """Features of the region by name, each (game,)."""
    games = prepared.games
    wanted_kw = np.maximum(games.wanted_kw, 1e-9)
    power_scale = max(float(model.rated_kw.max()), 1.0)
    n_flows = len(model.watch.flows)
    branch_use = prepared.use[:, :n_flows].max(axis=1, initial=0.0)
    voltage_use = prepared.use[:, n_flows:].max(axis=1, initial=0.0)
    return {
        "demand": games.wanted_kw / power_scale,
        "left": board.left_kw / wanted_kw,
        "capacity": np.minimum(games.p_max_kw.sum(axis=1) / wanted_kw, 3.0),
        "inflow": prepared.inflow_kw / model.load_scale_kw,
        "outflow": prepared.outflow_kw / model.load_scale_kw,
        "branch_use": np.minimum(branch_use, 2.0),
        "voltage_use": np.minimum(voltage_use, 2.0),
        "price": games.reference_price / TYPICAL_PRICE,
        "progress": np.broadcast_to(np.asarray(progress, dtype=float), len(games)),
    }
