"""Random numbers of many episodes at once, each from its own seed: the same seed gives the same episode in any batch.

A counter-based generator needs no state: number k of seed s is a hash of (s, k). The hash is SplitMix64, whose three constants
and shifts are those of G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, fig. 17.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import InputError
from tieline.typing import FloatArray, IntArray

GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)
FIRST_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
SECOND_FACTOR = np.uint64(0x94D049BB133111EB)

SEEDS_AT_ONCE = 1000
"""Candidates looked through together."""


def uniform(seeds: ArrayLike, count: int) -> FloatArray:
    """Numbers spread evenly over [0, 1), (seed, count).

    Args:
        seeds: whole numbers >= 0, (seed,).
        count: how many to draw for each.

    Raises:
        InputError: if a seed is negative or no whole number.
    """
    # mixed before the numbers are added: streams of neighbouring seeds would else be one stream, shifted
    streams = _mix(as_seeds(seeds) * GOLDEN_GAMMA + GOLDEN_GAMMA)
    numbers = np.arange(1, count + 1, dtype=np.uint64)
    steps = numbers * GOLDEN_GAMMA
    bits = _mix(streams[:, None] + steps)
    # the upper 53 bits fill a double's fraction: all numbers are equally spaced
    fraction = bits >> np.uint64(11)
    return fraction.astype(float) * 2.0**-53


def pick(seeds: ArrayLike, count: int) -> IntArray:
    """Which of `count` things each seed picks, all equally likely, (seed,)."""
    draw = uniform(seeds, 1)[:, 0]
    return (draw * count).astype(np.int64)


def seed_for_each(count: int, seed: int = 0) -> IntArray:
    """Seeds of which number k picks thing k of `count`, (count,): to play each day of a pool once."""
    first_seed: dict[int, int] = {}
    block = 0
    while len(first_seed) < count:
        candidates = spread(seed, SEEDS_AT_ONCE, first=1 + block * SEEDS_AT_ONCE)
        picked = pick(candidates, count)
        for number, candidate in zip(picked, candidates, strict=True):
            first_seed.setdefault(int(number), int(candidate))
        block += 1
    return np.array([first_seed[number] for number in range(count)])


def spread(seed: int, count: int, first: int = 1) -> IntArray:
    """Seeds number `first` and on for many episodes from one seed, (count,); those of different seeds hardly ever meet."""
    return follow([seed], np.arange(first, first + count))


def follow(seeds: ArrayLike, numbers: ArrayLike) -> IntArray:
    """The seeds that come after others: number k of `spread` for each, (seed,).

    Args:
        seeds: whole numbers >= 0, (seed,).
        numbers: k >= 1 for each, (seed,).
    """
    offsets = np.asarray(numbers).astype(np.uint64)
    bits = _mix(as_seeds(seeds) * GOLDEN_GAMMA + offsets)
    positive = bits >> np.uint64(1)  # the sign's bit stays empty
    return positive.astype(np.int64)


def as_seeds(seeds: ArrayLike) -> np.ndarray:
    """Seeds as unsigned integers, (seed,); raises `InputError` for what is no seed."""
    array = np.atleast_1d(np.asarray(seeds))
    is_whole = array.dtype.kind in "iu" or array.size == 0
    if array.ndim != 1 or not is_whole or (array < 0).any():
        raise InputError(
            f"Seeds must be whole numbers of at least 0, one per episode; got {seeds!r}."
        )
    return array.astype(np.uint64)


def _mix(z: np.ndarray) -> np.ndarray:
    z = _xor_shifted(z, 30) * FIRST_FACTOR
    z = _xor_shifted(z, 27) * SECOND_FACTOR
    return _xor_shifted(z, 31)


def _xor_shifted(z: np.ndarray, bits: int) -> np.ndarray:
    return z ^ (z >> np.uint64(bits))
