"""Allocations by rule, worked out by hand."""

from __future__ import annotations

import numpy as np

from tieline.studies.reserve.ways.rules import by_capacity, cheapest_first, in_order

CAPACITY = np.array([[200.0, 200.0, 150.0, 200.0], [100.0, 80.0, 100.0, 100.0]])
BID = np.array([[10.0, 12.0, 11.0, 14.0], [12.0, 10.0, 10.0, 12.0]])
REQUEST = np.array([600.0, 350.0])


def test_by_capacity() -> None:
    """600 of 750 kW is 80 % of each."""
    np.testing.assert_allclose(by_capacity(CAPACITY, REQUEST)[0], [160, 160, 120, 160])


def test_cheapest_first_takes_ties_in_order() -> None:
    expected = [[200, 200, 150, 50], [100, 80, 100, 70]]
    np.testing.assert_allclose(cheapest_first(CAPACITY, BID, REQUEST), expected)


def test_an_order_is_followed() -> None:
    np.testing.assert_allclose(
        in_order(CAPACITY[:1], REQUEST[:1], np.array([[3, 2, 1, 0]])),
        [[50, 200, 150, 200]],
    )


def test_edges() -> None:
    none, all_of_it = np.zeros(1), CAPACITY[:1].sum(axis=1)
    assert (by_capacity(CAPACITY[:1], none) == 0).all()
    np.testing.assert_allclose(
        cheapest_first(CAPACITY[:1], BID[:1], all_of_it), CAPACITY[:1]
    )
    assert (by_capacity(np.zeros((1, 2)), none) == 0).all()
