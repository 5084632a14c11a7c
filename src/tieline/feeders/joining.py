"""Which things are joined, directly or by way of others: sections of a feeder, islands of a network.

Every part takes the smallest number in it. In each round a part joins the smallest part that it touches; then every member looks
up, along the chain of joins, where its part has gone. The parts at least halve, so that few rounds do.

SciPy has the same (`connected_components`). Loading it takes as long as a power flow of a small feeder.

Source: Y. Shiloach and U. Vishkin, "An O(log n) parallel connectivity algorithm", Journal of Algorithms 3 (1982).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tieline.typing import IntArray


def number_parts(n_members: int, one_end: ArrayLike, other_end: ArrayLike) -> IntArray:
    """Number of the part of each member, (member,), from 0 on in the order of their first members.

    Args:
        n_members: how many there are, joined or not.
        one_end: a member of each joined pair, (pair,).
        other_end: the other, (pair,).
    """
    a = np.asarray(one_end, dtype=np.int64)
    b = np.asarray(other_end, dtype=np.int64)
    first = np.arange(n_members)
    while True:
        part_a, part_b = first[a], first[b]
        if (part_a == part_b).all():
            break
        lowest = np.minimum(part_a, part_b)
        np.minimum.at(first, part_a, lowest)
        np.minimum.at(first, part_b, lowest)
        first = _followed(first)
    return np.unique(first, return_inverse=True)[1].astype(np.int64)


def _followed(first: IntArray) -> IntArray:
    """Each member with the end of the chain that begins at it."""
    while True:
        further = first[first]
        if (further == first).all():
            return first
        first = further
