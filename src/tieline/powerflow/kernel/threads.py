"""Blocks of scenarios over the threads of the machine.

Compiled functions release Python's lock, and ordinary threads can run them side by side. They wait from call to call: to start
them anew takes longer than to solve a small batch. Any number of callers share them; a caller works too, and does not wait for
a helper that is still busy elsewhere when its own work is done. Threads of Numba's own would compile for as long again and must
not be used from two places at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from itertools import pairwise
from typing import Any, cast

from llvmlite import ir
from numba import config, get_num_threads
from numba.core import types
from numba.core.extending import intrinsic

SHARES_PER_THREAD = 8
"""Work is dealt out in this many shares per thread: enough that one slow share does not keep the others waiting."""

WORTH_A_THREAD = 20_000
"""Blocks times entries of the factors from which on threads pay: half a millisecond of work. Where all cores are busy, helpers
are slow to begin: at a third of this they cost a third of the time of a call."""


def over_threads(
    solve_blocks: Callable[..., None], n_blocks: int, n_entries: int, *arguments: Any
) -> None:
    """Call `solve_blocks(begin, end, *arguments)` for shares of all blocks, on as many threads as Numba is set to use.

    Args:
        solve_blocks: a compiled function without the lock, which writes into its arguments.
        n_blocks: number of blocks.
        n_entries: entries of the factors, a measure of the work in a block.
        arguments: handed on.
    """
    n_threads = _threads_for(n_blocks, n_entries)
    if n_threads == 1:
        solve_blocks(0, n_blocks, *arguments)
        return
    n_shares = min(n_blocks, SHARES_PER_THREAD * n_threads)
    edges = [share * n_blocks // n_shares for share in range(n_shares + 1)]
    shares = iter(list(pairwise(edges)))

    def work_off_shares() -> None:
        # Threads share the iterator: under Python's lock each share is handed out once.
        for begin, end in shares:
            solve_blocks(begin, end, *arguments)

    _run(work_off_shares, n_threads)


def in_threads(
    work: Callable[..., None], n_blocks: int, n_entries: int, *arguments: Any
) -> None:
    """Call `work(*arguments)` in as many threads as `over_threads` would use; each takes from a queue until that is empty."""
    _run(partial(work, *arguments), _threads_for(n_blocks, n_entries))


def _threads_for(n_blocks: int, n_entries: int) -> int:
    """Threads worth starting."""
    if n_blocks * n_entries < WORTH_A_THREAD:
        return 1
    return min(get_num_threads(), n_blocks)


def _run(work: Callable[[], None], n_threads: int) -> None:
    """Call `work` once in each of some threads, the present one among them, or in fewer if it is done before they begin."""
    if n_threads == 1:
        work()
        return
    results = [_helpers().submit(work) for _ in range(n_threads - 1)]
    try:
        work()
    finally:
        # All shares are taken by now: a helper that has not begun would find none, and may be busy for another caller.
        begun = [result for result in results if not result.cancel()]
        errors = [result.exception() for result in begun]
    for error in errors:
        if error is not None:
            raise error


@cache
def _helpers() -> ThreadPoolExecutor:
    """Threads beside those of the callers, started as they are needed."""
    most = max(1, config.NUMBA_NUM_THREADS - 1)  # type: ignore[attr-defined] - made from a table when imported
    return ThreadPoolExecutor(most, thread_name_prefix="tieline-solver")


# A process that was forked has none of its parent's threads, and would wait for them for ever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helpers.cache_clear)


def _take_number(typing_context: Any, queue: Any) -> Any:
    """The count in `queue`, (1,) int64, which goes up by one in the same instant. Exists inside Numba-compiled functions only."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        counter = context.make_array(signature.args[0])(
            context, builder, arguments[0]
        ).data
        return builder.atomic_rmw(
            "add", counter, ir.Constant(ir.IntType(64), 1), "monotonic"
        )

    return types.int64(queue), generate


take_number = cast(Callable[..., Any], intrinsic(_take_number))
"""`take_number(queue)` gives each thread that asks the next number, no two the same."""
