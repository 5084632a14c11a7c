"""Draws: SplitMix64 against an implementation in plain whole numbers, even spread, seeds without duplicates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from tieline.envs.draws import (
    _mix,
    as_seeds,
    follow,
    pick,
    seed_for_each,
    spread,
    uniform,
)
from tieline.errors import InputError

GAMMA = 0x9E3779B97F4A7C15
WORD = 2**64


def mix(z: int) -> int:
    """SplitMix64's output function in whole numbers of any size."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WORD
    return z ^ (z >> 31)


def test_first_outputs_of_the_published_generator() -> None:
    """SplitMix64 seeded with 1234567; reference outputs of Rosetta Code's task "Pseudo-random numbers/Splitmix64"."""
    published = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    state = 1234567
    assert [mix((state + k * GAMMA) % WORD) for k in range(1, 6)] == published
    with np.errstate(over="ignore"):
        states = np.uint64(state) + np.arange(1, 6, dtype=np.uint64) * np.uint64(GAMMA)
    assert _mix(states).tolist() == published


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**63 - 1])
def test_uniform_by_whole_numbers(seed: int) -> None:
    """Number k of a seed is number k of the SplitMix64 stream that starts at the seed's own first output."""
    base = mix((seed + 1) * GAMMA % WORD)
    expected = [(mix((base + k * GAMMA) % WORD) >> 11) / 2**53 for k in range(1, 5)]
    assert uniform([seed], 4)[0].tolist() == expected


def test_a_seed_draws_the_same_in_any_company() -> None:
    together = uniform(np.arange(50), 6)
    assert uniform([17], 6)[0].tolist() == together[17].tolist()
    assert uniform([17], 2)[0].tolist() == together[17, :2].tolist(), (
        "the first numbers do not depend on how many are drawn"
    )
    assert len(np.unique(together)) == together.size


@pytest.mark.parametrize(
    "axis", ["numbers of one seed", "first numbers of neighbouring seeds"]
)
def test_spread_evenly(axis: str) -> None:
    """Chi-square of 100 bins, within the middle 99.8 %: uneven or too even numbers both fail."""
    draws = (
        uniform([3], 100_000)[0]
        if axis == "numbers of one seed"
        else uniform(np.arange(100_000), 1)[:, 0]
    )
    counts = np.histogram(draws, bins=100, range=(0.0, 1.0))[0]
    statistic = ((counts - 1000.0) ** 2 / 1000.0).sum()
    assert chi2.ppf(0.001, 99) < statistic < chi2.ppf(0.999, 99)


def test_neighbouring_seeds_and_numbers_are_uncorrelated() -> None:
    """Correlation of 100 000 pairs has a standard deviation of 0.0032."""
    draws = uniform(np.arange(100_001), 2)
    assert abs(np.corrcoef(draws[1:, 0], draws[:-1, 0])[0, 1]) < 0.013
    assert abs(np.corrcoef(draws[:, 0], draws[:, 1])[0, 1]) < 0.013


def test_spread_by_whole_numbers() -> None:
    assert spread(5, 3).tolist() == [
        mix((5 * GAMMA + k) % WORD) >> 1 for k in (1, 2, 3)
    ]


def test_spread_has_no_duplicates() -> None:
    seeds = np.concatenate([spread(seed, 20_000) for seed in range(10)])
    assert len(np.unique(seeds)) == 200_000
    assert seeds.min() >= 0


def test_follow_is_one_number_of_each_spread() -> None:
    assert follow([5, 9], [2, 7]).tolist() == [spread(5, 7)[1], spread(9, 7)[6]]


@pytest.mark.parametrize("bad", [[-1], [0.5], ["a"], [[1, 2]], [True], [None]])
def test_no_seed(bad: list[object]) -> None:
    with pytest.raises(InputError, match="whole numbers of at least 0"):
        as_seeds(bad)  # type: ignore[arg-type]


def test_one_seed_and_none_at_all() -> None:
    assert as_seeds(7).tolist() == [7]
    assert as_seeds([]).tolist() == []
    assert uniform([], 3).shape == (0, 3)


def test_each_thing_is_picked_by_the_seed_found_for_it() -> None:
    seeds = seed_for_each(700, seed=3)
    assert pick(seeds, 700).tolist() == list(range(700))
    assert seed_for_each(700, seed=3).tolist() == seeds.tolist()
    # the first of all candidates that picks a thing stands for it
    candidates = spread(3, 1000)
    first = candidates[pick(candidates, 700) == 5][0]
    assert seeds[5] == first
