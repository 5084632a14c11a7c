"""Regret of choices and of the constant set, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.studies.market.ways.sampling import CHOSEN, CONSTANT, GroupSamples


def samples(of_all: list[list[float]], chosen: list[float]) -> GroupSamples:
    kept = GroupSamples(np.arange(len(of_all[0]))[:, None])
    for row, objective in zip(of_all, chosen, strict=True):
        kept.add(np.array(row), {CHOSEN: objective})
    return kept


def test_regret_goes_from_the_best_to_the_mean_of_all() -> None:
    kept = samples([[1.0, 2.0, 6.0], [4.0, 3.0, 2.0]], chosen=[1.0, 3.0])
    # means 3 and 3, bests 1 and 2
    assert kept.regrets(CHOSEN) == pytest.approx([0.0, 1.0])


def test_the_constant_set_comes_from_the_other_half() -> None:
    kept = samples(
        [[1.0, 2.0, 6.0], [5.0, 4.0, 3.0], [1.0, 2.0, 6.0], [5.0, 4.0, 3.0]],
        chosen=[1.0, 3.0, 1.0, 3.0],
    )
    # even minutes are judged with the set that is best in odd ones, and the other way round
    assert kept.regrets(CONSTANT) == pytest.approx([2.5, 2.0, 2.5, 2.0])


def test_one_minute_has_no_other_half() -> None:
    assert np.isnan(samples([[1.0, 2.0]], chosen=[1.0]).regrets(CONSTANT)).all()
