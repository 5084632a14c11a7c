"""Gram matrices: products in a metric, coordinates in which it is the plain one, dependent rows, rows of very different size."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.constrained_update.gram import Gram


def test_products_and_reach_by_hand() -> None:
    """With H = diag(4, 1): g = (2, 0) has g' H^-1 g = 1, b = (0, 3) has 9."""
    slopes = np.array([[2.0, 0.0], [0.0, 3.0]])
    gram = Gram.of(slopes, slopes / np.array([4.0, 1.0]))
    assert gram.matrix.tolist() == [[1.0, 0.0], [0.0, 9.0]]
    assert gram.reach.tolist() == [1.0, 3.0]


def test_coordinates_keep_changes_and_lengths() -> None:
    """With rows over eight powers of ten, one of which is twice another and one nothing at all."""
    random = np.random.default_rng(0)
    slopes = random.normal(size=(6, 20)) * 10.0 ** np.arange(-4, 2)[:, None]
    slopes[3] = 2.0 * slopes[2]
    slopes[4] = 0.0
    root = random.normal(size=(20, 20))
    metric = root @ root.T + np.eye(20)
    solved = np.asarray(np.linalg.solve(metric, slopes.T).T, dtype=float)
    rows, back = Gram.of(slopes, solved).whitened()
    assert rows.shape == (6, 4)
    y = random.normal(size=4)
    step = (back @ y) @ solved
    assert step @ metric @ step == pytest.approx(y @ y, rel=1e-6)
    size = np.linalg.norm(slopes, axis=1) + (np.arange(6) == 4)
    changes = slopes @ step / size
    assert changes == pytest.approx(rows @ y / size, abs=1e-6)
