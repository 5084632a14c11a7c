"""Rows of what the decisions keep by themselves, whatever the network: bounds, coupling in time, apparent power.

Rows are made over the decisions u; `place` turns them into rows over all columns of a program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from tieline.linear.blocks import above, selection, times_rows
from tieline.opf.cones.blocks import Block, Cone, interleave, interleave_right
from tieline.opf.decisions import Decisions
from tieline.typing import BoolArray, FloatArray, IntArray

Place = Callable[[sparse.csr_array], sparse.csr_array]


def coupling_blocks(decisions: Decisions, place: Place) -> Iterator[Block]:
    """Bounds and linear constraints of the decisions."""
    d = decisions
    bounds = sparse.eye_array(d.count)
    matrix = above(d.matrix, bounds)
    low = np.concatenate([d.row_lower, d.lower])
    high = np.concatenate([d.row_upper, d.upper])
    # A pair of inequalities that leaves no room has no interior, on which the solver's method rests.
    is_fixed = low == high
    has_high = ~is_fixed & np.isfinite(high)
    has_low = ~is_fixed & np.isfinite(low)
    yield _coupling_block(place, matrix, low, is_fixed, "zero")
    yield _coupling_block(place, matrix, high, has_high, "nonnegative")
    yield _coupling_block(place, -matrix, -low, has_low, "nonnegative")


def _coupling_block(
    place: Place,
    matrix: sparse.csr_array,
    right: FloatArray,
    is_limit: BoolArray,
    cone: Cone,
) -> Block:
    rows = sparse.csr_array(matrix[is_limit])
    return Block(place(rows), right[is_limit], cone)


def circle_block(decisions: Decisions, place: Place) -> Block:
    """P^2 + Q^2 <= S^2 of every DER whose box of P and Q does not keep it anyway.

    Relative to S: a solver keeps rows to an absolute tolerance, which is a large part of a small circle.
    """
    circles = _cut_boxes(decisions)
    p, q = decisions.circle[circles].T
    radius_pu = decisions.circle_pu[circles]
    zero = np.zeros(len(circles))
    # The first row of a cone bounds the others; no column is in it, so that its right-hand side is the radius.
    bound = sparse.csr_array((len(circles), decisions.count))
    weight = -1 / radius_pu
    p_rows = times_rows(weight, selection(p, decisions.count))
    q_rows = times_rows(weight, selection(q, decisions.count))
    matrix = place(interleave([bound, p_rows, q_rows]))
    right = interleave_right([np.ones(len(circles)), zero, zero])
    return Block(matrix, right, "second order", size=3)


def _cut_boxes(decisions: Decisions) -> IntArray:
    """Circles that a corner of their box lies outside of."""
    low = decisions.lower[decisions.circle]
    high = decisions.upper[decisions.circle]
    corner = np.maximum(np.abs(low), np.abs(high))
    p, q = corner.T
    # A cone slows the solver down: one that the box keeps anyway is left out.
    distance_pu = np.hypot(p, q)
    is_outside = distance_pu > decisions.circle_pu
    return np.flatnonzero(is_outside)
