"""A queue shared by threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from tieline.powerflow.kernel.threads import take_number

COUNT = 200_000


@njit(nogil=True)
def take_all(queue, taken):
    """Tick off the numbers that come, until there are no more; returns how many came."""
    mine = 0
    place = take_number(queue)
    while place < len(taken):
        taken[place] += 1
        mine += 1
        place = take_number(queue)
    return mine


def test_threads_take_every_number_once() -> None:
    queue, taken = np.zeros(1, dtype=np.int64), np.zeros(COUNT, dtype=np.int64)
    # compiled once, so that threads start together
    take_all(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(lambda _: take_all(queue, taken), range(4)))
    assert (taken == 1).all()
    assert sum(shares) == COUNT
