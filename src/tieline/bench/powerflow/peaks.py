"""What this machine can do, measured with the type that the power flow computes with: multiply-adds, and bandwidth.

Bandwidth is that of the triad a <- b + s c over rows of lanes, with arrays of each thread's own: from the cache that a given
working set fits, or from memory. Source: J. D. McCalpin, STREAM (1995), for the triad; S. Williams, A. Waterman, D. Patterson,
Roofline, Commun. ACM 52(4), 2009, DOI 10.1145/1498765.1498785, for what the peaks are used for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
from numba import get_num_threads, njit

from tieline.powerflow.kernel.lanes import LANES, load, spread, store

ROW_BYTES = 8 * LANES
MEMORY_BYTES = 384 * 2**20
"""Working set of all threads together that stands for memory: more than the last-level cache of almost any processor."""

TRY_S = 0.03
TRIES = 4
"""The best try is the peak: whatever disturbs makes it slower."""


def peak_gflops() -> float:
    """Multiply-adds of all threads, two operations each [GFLOP/s]."""
    # chains enough for 16 registers of 4 numbers, and for 32 of 8
    three_chains = _rate(lambda: _in_registers(_multiply_add_3), 2.0 * 3 * LANES)
    six_chains = _rate(lambda: _in_registers(_multiply_add_6), 2.0 * 6 * LANES)
    return max(three_chains, six_chains) / 1e9


def cache_gb_s(bytes_per_thread: int) -> float:
    """Loads and stores of all threads, each going over its bytes again and again [GB/s]."""
    rows = max(1, bytes_per_thread // (3 * ROW_BYTES))
    # two arrays are read and one is written
    moved_bytes = 3.0 * rows * ROW_BYTES
    return _rate(lambda: _over_rows(rows), moved_bytes) / 1e9


def memory_gb_s() -> float:
    """Memory traffic of all threads, the fetch of lines that are overwritten included [GB/s]."""
    rows = MEMORY_BYTES // (3 * ROW_BYTES * get_num_threads())
    # the fourth is the line that is fetched before it is overwritten
    moved_bytes = 4.0 * rows * ROW_BYTES
    return _rate(lambda: _over_rows(rows), moved_bytes) / 1e9


Loop = Callable[[int], None]
"""Compiled work; its argument is how often it is repeated."""


def _rate(prepare: Callable[[], Loop], amount: float) -> float:
    """Amount per second of all threads together; each does `amount` per repetition on what it prepared for itself."""
    n_threads = get_num_threads()
    repeats = _enough_repeats(prepare())
    barrier = Barrier(n_threads)

    def work() -> list[tuple[float, float]]:
        loop = prepare()
        spans = []
        for _ in range(TRIES):
            barrier.wait()  # all threads begin a try together, else the first ones have the machine alone
            start_s = time.perf_counter()
            loop(repeats)
            spans.append((start_s, time.perf_counter()))
        return spans

    with ThreadPoolExecutor(n_threads) as pool:
        futures = [pool.submit(work) for _ in range(n_threads)]
        spans = np.array([future.result() for future in futures])
    first_start = spans[:, :, 0].min(axis=0)
    last_end = spans[:, :, 1].max(axis=0)
    shortest_s = float((last_end - first_start).min())
    return n_threads * amount * repeats / shortest_s


def _enough_repeats(loop: Loop) -> int:
    """Repetitions that take at least `TRY_S`."""
    loop(1)  # loads the compiled function
    repeats = 1
    while True:
        start_s = time.perf_counter()
        loop(repeats)
        if time.perf_counter() - start_s >= TRY_S:
            return repeats
        repeats *= 2


def _in_registers(kernel: Callable[..., None]) -> Loop:
    out = np.zeros((1, LANES))
    return lambda repeats: kernel(repeats, 0.5, 1.0, out)


def _over_rows(rows: int) -> Loop:
    # made in the thread that uses them: their memory is then near its core
    a, b, c = (np.ones((rows, LANES)) for _ in range(3))
    return lambda repeats: _triad(repeats, 0.5, a, b, c)


@njit(cache=True, nogil=True, error_model="numpy")
def _multiply_add_3(repeats, factor, addend, out):
    """Three chains of multiply-adds, which do not wait for each other."""
    m = spread(factor)
    a = spread(addend)
    x0 = load(out, 0)
    x1 = a
    x2 = m
    for _ in range(repeats):
        x0 = x0 * m + a
        x1 = x1 * m + a
        x2 = x2 * m + a
    store(out, 0, x0 + x1 + x2)


@njit(cache=True, nogil=True, error_model="numpy")
def _multiply_add_6(repeats, factor, addend, out):
    """Six chains."""
    m = spread(factor)
    a = spread(addend)
    x0 = load(out, 0)
    x1 = a
    x2 = m
    x3 = a + a  # different beginnings, else the compiler would keep one chain for all
    x4 = m + m
    x5 = a + m
    for _ in range(repeats):
        x0 = x0 * m + a
        x1 = x1 * m + a
        x2 = x2 * m + a
        x3 = x3 * m + a
        x4 = x4 * m + a
        x5 = x5 * m + a
    store(out, 0, x0 + x1 + x2 + x3 + x4 + x5)


@njit(cache=True, nogil=True, error_model="numpy")
def _triad(repeats, factor, a, b, c):
    """a <- b + factor c, row by row."""
    s = spread(factor)
    for _ in range(repeats):
        for i in range(len(a)):
            store(a, i, load(b, i) + s * load(c, i))
