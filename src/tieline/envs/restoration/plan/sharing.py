"""An amount shared out among units or loads, for NumPy and JAX arrays alike."""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.plan.figures import Array, positive, total
from tieline.typing import FloatArray

NOTHING_KW = 1e-9
"""Where all together have less room, nothing is shared out."""


def spread(amount_kw: Array, room_kw: Array) -> Array:
    """In proportion to the room of each, (draw, unit), and no more than that; amounts (draw,) below 0 are taken as none."""
    part = part_of(positive(amount_kw), room_kw)
    return room_kw * part[..., None]


def part_of(amount_kw: Array, room_kw: Array) -> Array:
    """Share of the room of all, (draw, unit), that an amount (draw,) fills, at most 1."""
    xp = room_kw.__array_namespace__()
    total_kw = total(room_kw)
    is_room = total_kw > NOTHING_KW
    # JAX differentiates the branch that is not taken too: it must not divide by nothing
    divisor = xp.where(is_room, total_kw, 1.0)
    part = xp.minimum(amount_kw / divisor, 1.0)
    return xp.where(is_room, part, 0.0)


def spread_by_rank(amount_kw: Array, room_kw: Array, rank: FloatArray) -> Array:
    """From the lowest rank first, (unit,), within a rank in proportion to the room of each, (draw, unit)."""
    xp = room_kw.__array_namespace__()
    shared_kw = xp.zeros_like(room_kw)
    left_kw = amount_kw
    for value in np.unique(rank):
        is_next = rank == value
        of_rank = spread(left_kw, room_kw * is_next)
        shared_kw = shared_kw + of_rank
        # what a rank has no room for is left to the next one
        left_kw = left_kw - total(of_rank)
    return shared_kw
