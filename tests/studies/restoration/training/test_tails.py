"""Tails by hand."""

from __future__ import annotations

import numpy as np

from tieline.studies.restoration.training.tails import tail_means, tail_weights

VALUES = np.array([[1.0, 9.0], [4.0, 2.0], [3.0, 5.0], [2.0, 7.0]])


def test_mean_of_the_worst_half() -> None:
    np.testing.assert_allclose(tail_means(VALUES, 0.5), [3.5, 8.0])


def test_weights_make_the_same_mean() -> None:
    weights = tail_weights(VALUES, np.array([1]), 0.5)
    np.testing.assert_allclose((weights * VALUES).sum(axis=(1, 2)), [8.0])
    assert weights[0, :, 0].sum() == 0.0


def test_a_tail_has_at_least_one_draw() -> None:
    np.testing.assert_allclose(tail_means(VALUES, 0.01), [4.0, 9.0])
