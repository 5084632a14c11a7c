"""Blocks of scenarios over the threads of the machine.

Compiled functions release Python's lock, so that ordinary threads do; they live as long as one call. Threads of Numba's own
would compile for as long again and must not be used from two places at once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from numba import get_num_threads

SHARES_PER_THREAD = 8
"""Work is dealt out in this many shares per thread: enough that one slow share does not keep the others waiting."""

WORTH_A_THREAD = 20_000
"""Blocks times entries of the factors from which on threads pay: the work of about the time it takes to start them."""


def over_threads(solve_blocks: Callable[..., None], n_blocks: int, n_entries: int, *arguments: Any) -> None:
    """Call `solve_blocks(begin, end, *arguments)` for shares of all blocks, on as many threads as Numba is set to use.

    Args:
        solve_blocks: a compiled function without the lock, which writes into its arguments.
        n_blocks: number of blocks.
        n_entries: entries of the factors, a measure of the work in a block.
        arguments: handed on.
    """
    n_threads = get_num_threads()
    if n_threads == 1 or n_blocks * n_entries < WORTH_A_THREAD:
        solve_blocks(0, n_blocks, *arguments)
        return
    n_shares = min(n_blocks, SHARES_PER_THREAD * n_threads)
    edges = [share * n_blocks // n_shares for share in range(n_shares + 1)]
    with ThreadPoolExecutor(n_threads) as pool:
        shares = [pool.submit(solve_blocks, *share, *arguments) for share in pairwise(edges)]
    for share in shares:
        share.result()
