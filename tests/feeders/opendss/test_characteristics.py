"""Curves of the engine gone on to their bounds."""

from __future__ import annotations

import pytest

from tieline.feeders.opendss.characteristics import bounded


def test_a_slope_at_an_end_goes_on_to_the_bound() -> None:
    x, y = bounded([(0.95, 0.5), (1.05, -0.5)], -1.0, 1.0)
    assert x == pytest.approx((0.90, 0.95, 1.05, 1.10))
    assert y == (1.0, 0.5, -0.5, -1.0)


def test_flat_ends_stay_and_what_is_beyond_the_bounds_is_cut() -> None:
    x, y = bounded([(0.0, 1.0), (1.0, 1.0), (2.0, -1.0), (3.0, -1.0)], 0.0, 1.0)
    assert y == (1.0, 1.0, 0.0, 0.0, 0.0)
    assert x == pytest.approx((0.0, 1.0, 1.5, 2.0, 3.0))
