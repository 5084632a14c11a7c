"""A queue shared by threads, and helpers shared by callers."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import pytest
from numba import njit

from tieline.powerflow.kernel import threads
from tieline.powerflow.kernel.threads import over_threads, take_number

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


ENOUGH = threads.WORTH_A_THREAD
"""Entries of a block that make any batch worth a thread."""

needs_helpers = pytest.mark.skipif(
    numba.config.NUMBA_NUM_THREADS < 2,  # type: ignore[attr-defined] - made from a table when imported
    reason="on one thread there are no helpers",
)


def test_every_block_is_solved_once() -> None:
    times = np.zeros(100, dtype=np.int64)

    def solve_blocks(begin: int, end: int) -> None:
        times[begin:end] += 1

    over_threads(solve_blocks, len(times), ENOUGH)
    assert (times == 1).all()


@needs_helpers
def test_helpers_wait_from_call_to_call() -> None:
    def workers() -> set[threading.Thread]:
        return {
            thread
            for thread in threading.enumerate()
            if thread.name.startswith("tieline-solver")
        }

    both_in = threading.Barrier(2)

    def meet(begin: int, end: int) -> None:
        both_in.wait(timeout=60)

    over_threads(meet, 2, ENOUGH)
    before = workers()
    assert before
    over_threads(meet, 2, ENOUGH)
    assert workers() == before


@needs_helpers
def test_an_error_of_a_helper_is_raised() -> None:
    caller = threading.current_thread()
    both_in = threading.Barrier(2)

    def fail_elsewhere(begin: int, end: int) -> None:
        both_in.wait(timeout=60)
        if threading.current_thread() is not caller:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        over_threads(fail_elsewhere, 2, ENOUGH)


@needs_helpers
def test_nobody_waits_for_a_helper_that_is_busy_for_others() -> None:
    """One caller keeps all helpers; another, with work of its own, ends before them."""
    n_threads = numba.get_num_threads()
    all_in = threading.Barrier(n_threads + 1)
    may_end = threading.Event()

    def stay(begin: int, end: int) -> None:
        all_in.wait(timeout=60)
        assert may_end.wait(timeout=60)

    with ThreadPoolExecutor(1) as pool:
        long_call = pool.submit(over_threads, stay, n_threads, ENOUGH)
        all_in.wait(timeout=60)
        times = np.zeros(8, dtype=np.int64)

        def solve_blocks(begin: int, end: int) -> None:
            times[begin:end] += 1

        over_threads(solve_blocks, len(times), ENOUGH)
        assert (times == 1).all()
        assert not long_call.done()
        may_end.set()
        long_call.result()


FORK = """
import multiprocessing
import numpy as np
from tieline import load_feeder, solve

def loss_kw(count):
    scale = np.linspace(0.5, 1.0, count)[:, None]
    return float(solve(load_feeder("ieee123"), load_scale=scale).loss_kw.sum())

if __name__ == "__main__":
    before = loss_kw(512)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        forked = pool.apply_async(loss_kw, (512,)).get(timeout=60)
    assert abs(forked - before) <= 1e-9 * before, (forked, before)
"""


@needs_helpers
@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX forks")
def test_a_forked_process_has_helpers_of_its_own(tmp_path: Path) -> None:
    """Those of its parent do not come along, and must not be waited for."""
    script = tmp_path / "fork.py"
    script.write_text(FORK)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
