"""An amount of power taken from many elements: from the least important class first, within a class in equal shares."""

from __future__ import annotations

import numpy as np

from tieline.typing import FloatArray


def share_taken(
    amount_kw: FloatArray, size_kw: FloatArray, rank: FloatArray
) -> FloatArray:
    """Share of each element that is taken; elements without anything to give keep what they do.

    Args:
        amount_kw: in total, (scenario,) [kW].
        size_kw: what each element has to give, (scenario, element) [kW]; at or below 0 nothing.
        rank: importance of each element, (element,); equal ones give equal shares.

    Returns:
        (scenario, element), 0 to 1; 1 for all that give where all together have less than the amount.
    """
    size = np.maximum(size_kw, 0.0)
    share = np.zeros_like(size)
    still_kw = np.asarray(amount_kw, dtype=float)
    for value in np.unique(rank):
        members = np.flatnonzero(rank == value)
        size_of_each = size[:, members]
        class_kw = size_of_each.sum(axis=1)
        taken_kw = np.minimum(still_kw, class_kw)
        # of a class that has nothing to give nothing is taken
        whole_kw = np.where(class_kw > 0, class_kw, 1.0)
        part = taken_kw / whole_kw
        share[:, members] = part[:, None]
        still_kw = still_kw - taken_kw
    # a battery that charges has nothing to give, and must not be asked
    return np.where(size > 0, share, 0.0)
