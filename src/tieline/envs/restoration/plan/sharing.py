"""An amount shared out among units or loads, for NumPy and JAX arrays alike."""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.plan.figures import Array
from tieline.typing import FloatArray

NOTHING_KW = 1e-9
"""Where all together have less room, nothing is shared out."""


def spread(amount_kw: Array, room_kw: Array) -> Array:
    """In proportion to the room of each, (draw, unit), and no more than that; amounts (draw,) below 0 are taken as none."""
    xp = room_kw.__array_namespace__()
    return room_kw * part_of(xp.clip(amount_kw, 0.0, None), room_kw)[..., None]


def part_of(amount_kw: Array, room_kw: Array) -> Array:
    """Share of the room of all, (draw, unit), that an amount (draw,) fills, at most 1."""
    xp = room_kw.__array_namespace__()
    total_kw = xp.sum(room_kw, axis=-1)
    is_room = total_kw > NOTHING_KW
    part = amount_kw / xp.where(is_room, total_kw, 1.0)
    return xp.where(is_room, xp.minimum(part, 1.0), 0.0)


def spread_by_rank(amount_kw: Array, room_kw: Array, rank: FloatArray) -> Array:
    """From the lowest rank first, (unit,), within a rank in proportion to the room of each, (draw, unit)."""
    xp = room_kw.__array_namespace__()
    shared_kw = xp.zeros_like(room_kw)
    left_kw = amount_kw
    for value in np.unique(rank):
        of_rank = spread(left_kw, room_kw * (rank == value))
        shared_kw = shared_kw + of_rank
        left_kw = left_kw - xp.sum(of_rank, axis=-1)
    return shared_kw
