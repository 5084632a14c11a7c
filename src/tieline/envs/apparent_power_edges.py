"""The circle P^2 + Q^2 <= S^2 of a DER by lines around it, for programs that know straight lines only.

    cos(w) P + sin(w) Q <= S   for N_EDGES angles w

Its corners stand out of the circle by 1 / cos(pi / N_EDGES) - 1.
"""

from __future__ import annotations

import numpy as np

from tieline.envs.box import Box
from tieline.envs.set_point_entries import Entries
from tieline.typing import FloatArray, IntArray

N_EDGES = 64
"""Corners stand out by 0.12 %: what is taken off Q there moves a voltage by less than the margin of the safety step."""

ROUNDING = 1e-9
"""P and Q that pass the apparent power by less are on the circle."""


def edges(entries: Entries, action: Box, kva: FloatArray) -> FloatArray:
    """Lines around the circles that matter, row @ action <= 1, (circle x angle, entry).

    Args:
        entries: what an action sets.
        action: its bounds.
        kva: apparent power of every DER, (der,); infinite without a limit.
    """
    turn = 2 * np.pi / N_EDGES
    angle = turn * np.arange(N_EDGES)[:, None]
    along_p = np.cos(angle)
    along_q = np.sin(angle)
    direction = np.where(entries.is_reactive, along_q, along_p)
    share_of_kva = entries.unit / kva[entries.der]
    all_edges = direction * share_of_kva
    # a circle has the P and the Q of its own DER alone
    ders = circled_ders(entries, action, kva)
    is_of_circle = np.equal.outer(ders, entries.der)
    by_circle = all_edges * is_of_circle[:, None, :]
    return by_circle.reshape(-1, action.size)


def circled_ders(entries: Entries, action: Box, kva: FloatArray) -> IntArray:
    """DERs of which P and Q are decided and a corner of their box lies outside the circle; else bounds say it all."""
    lowest = np.abs(action.low)
    highest = np.abs(action.high)
    corner = np.maximum(lowest, highest)
    no_power = np.zeros((1, len(kva)))
    p_kw, q_kvar = entries.put(corner[None], no_power, no_power)
    are_both = (p_kw > 0) & (q_kvar > 0)
    reached_kva = np.hypot(p_kw, q_kvar)
    largest_kva = kva * (1 + ROUNDING)
    is_circled = are_both & (reached_kva > largest_kva)
    return np.flatnonzero(is_circled[0])
