"""Differences over days: seeds are averaged first, and what has no spread is no surprise."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from tieline.bench.kit.paired import middle, paired


def test_a_difference_that_all_days_share_is_clear():
    rng = np.random.default_rng(1)
    days = rng.normal(size=(1, 40))
    over = paired(days + 1.0 + 0.1 * rng.normal(size=(5, 40)), days)
    assert over.mean == pytest.approx(1.0, abs=0.05)
    assert over.low < over.mean < over.high
    assert over.is_clear
    assert over.p < 1e-6


def test_more_seeds_of_the_same_days_make_no_difference_more_certain():
    rng = np.random.default_rng(2)
    other = np.zeros((1, 12))
    one_seed = rng.normal(0.3, 1.0, size=(1, 12))
    many_seeds = np.repeat(one_seed, 50, axis=0)
    few, many = paired(one_seed, other), paired(many_seeds, other)
    assert astuple(many) == pytest.approx(astuple(few))


def test_no_difference_at_all_is_not_clear():
    days = np.arange(10.0)[None]
    over = paired(days, days)
    assert (over.mean, over.low, over.high, over.p) == (0.0, 0.0, 0.0, 1.0)
    assert not over.is_clear


def test_an_equal_gain_on_all_days_is_clear():
    over = paired(np.ones((1, 10)), np.zeros((1, 10)))
    assert over.is_clear
    assert over.p == pytest.approx(2.0**-9)


def test_one_bad_day_of_one_seed_does_not_move_the_middle():
    values = np.ones((5, 40))
    values[2, 7] = -1000.0
    told = middle(values)
    assert (told.mean, told.low, told.high) == (1.0, 1.0, 1.0)


def test_the_interval_of_the_middle_holds_the_truth_and_shrinks():
    rng = np.random.default_rng(3)
    few = middle(rng.normal(size=(5, 20)))
    many = middle(rng.normal(size=(20, 200)))
    assert few.low < 0.0 < few.high
    assert many.high - many.low < few.high - few.low
