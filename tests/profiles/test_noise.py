"""Noise of the stated mean, spread and memory; seeds that do not depend on their neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.profiles.noise import child, correlation, remember


def test_correlation_by_hand():
    assert correlation(0.25, 0.5) == pytest.approx(0.6065306597)
    assert correlation(0.25, 0.0) == 0.0


def test_path_is_stationary_with_the_stated_correlation():
    x = remember(np.random.default_rng(1).standard_normal((50, 40_000)), 0.8)
    np.testing.assert_allclose(x.std(axis=1), 1.0, atol=0.02)
    np.testing.assert_allclose(np.mean(x[:-1] * x[1:], axis=1), 0.8, atol=0.03)
    assert np.mean(x[0] * x[10]) == pytest.approx(0.8**10, abs=0.03)


def test_path_leaves_its_input_alone():
    e = np.ones((3, 1))
    assert remember(e, 0.6)[:, 0].tolist() == pytest.approx([1.0, 1.4, 1.64])
    assert (e == 1).all()


def test_child_is_the_spawned_one():
    spawned = np.random.default_rng(np.random.SeedSequence(7).spawn(4)[3].spawn(2)[1])
    assert child(7, 3, 1).random() == spawned.random()
