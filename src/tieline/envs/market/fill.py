"""How a set of DERs covers a demand, and what that is worth before losses and limits: arithmetic without a feeder.

    fill D in the order of u_i = c_i + l0 LF_i:    p_i = min(Pmax_i, what is left);    s = what is left at the end

A DER named twice counts once; -1 in a set names none.
"""

from __future__ import annotations

import numpy as np

from tieline.typing import BoolArray, FloatArray, IntArray

NONE = -1
"""Stands in a set for no DER."""


def fill(
    order_by: FloatArray, p_max_kw: FloatArray, wanted_kw: FloatArray
) -> FloatArray:
    """Power of each member of a set.

    Args:
        order_by: u of each member, (..., member) [currency/kWh].
        p_max_kw: its limit, (..., member) [kW].
        wanted_kw: D, (...,) [kW].

    Returns:
        (..., member) [kW].
    """
    order = np.argsort(order_by, axis=-1, kind="stable")
    limit_kw = np.take_along_axis(p_max_kw, order, axis=-1)
    before_kw = np.cumsum(limit_kw, axis=-1) - limit_kw
    open_kw = wanted_kw[..., None] - before_kw
    # those before may cover more than all of the demand
    room_kw = np.maximum(open_kw, 0.0)
    in_order_kw = np.minimum(limit_kw, room_kw)
    power_kw = np.empty_like(in_order_kw)
    np.put_along_axis(power_kw, order, in_order_kw, axis=-1)
    return power_kw


def is_counted(sets: IntArray) -> BoolArray:
    """Members that count: named, and for the first time, (..., member)."""
    counts = sets != NONE
    for k in range(1, sets.shape[-1]):
        # sets are small: comparing each member with those before it needs no sorting
        member = sets[..., k : k + 1]
        is_same = sets[..., :k] == member
        counts[..., k] &= ~is_same.any(axis=-1)
    return counts


def as_members(sets: np.ndarray) -> IntArray:
    """Sets given by a mask over all DERs, (game, set, der) bool, as members padded with `NONE`, (game, set, member).

    What is whole numbers already is passed on.
    """
    if sets.dtype != bool:
        return sets.astype(np.int64)
    sizes = sets.sum(axis=-1)
    largest = int(sizes.max(initial=1))
    # chosen ones first, in the order of the DERs
    order = np.argsort(~sets, axis=-1, kind="stable")
    members = order[..., :largest]
    is_member = np.take_along_axis(sets, members, axis=-1)
    return np.where(is_member, members, NONE)


def with_each_der(leaders: IntArray, n_ders: int) -> IntArray:
    """The leaders' sets, (game, leader), with each DER added in turn, (game, der, member)."""
    n_games, n_leaders = leaders.shape
    sets = np.empty((n_games, n_ders, n_leaders + 1), dtype=np.int64)
    sets[:, :, :-1] = leaders[:, None]
    sets[:, :, -1] = np.arange(n_ders)
    return sets
