"""Tails by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.studies.microgrids.training.tails import tail_counts, tail_weights

VALUES = np.array([[0.5, -3.0], [-1.0, -2.0], [0.3, -4.0], [-2.0, -1.0]] * 5)


def test_a_tail_is_as_long_as_what_is_broken_at_least_the_share_at_most_half() -> None:
    # of 20 rows 10 are beyond the aim in the first column, none in the second
    counts = tail_counts(VALUES, share=0.1, aim=-0.01)
    assert counts.tolist() == [10, 2]
    assert tail_counts(VALUES + 10.0, share=0.1, aim=0.0).tolist() == [10, 10]


def test_the_mean_of_a_tail_is_that_of_its_highest_values() -> None:
    weights = tail_weights(VALUES, np.array([10, 2]))
    means = np.sum(weights * VALUES, axis=0)
    assert means == pytest.approx([0.4, -1.0])
    assert weights.sum(axis=0) == pytest.approx([1.0, 1.0])
