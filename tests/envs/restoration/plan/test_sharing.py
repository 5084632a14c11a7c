"""Sharing by hand."""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.plan.sharing import spread, spread_by_rank


def test_in_proportion_to_room_and_no_more_than_that() -> None:
    room = np.array([[10.0, 30.0], [10.0, 30.0], [0.0, 0.0]])
    shared = spread(np.array([20.0, 100.0, 5.0]), room)
    np.testing.assert_allclose(shared, [[5.0, 15.0], [10.0, 30.0], [0.0, 0.0]])


def test_an_amount_below_nothing_is_none() -> None:
    assert not spread(np.array([-4.0]), np.array([[1.0, 2.0]])).any()


def test_lowest_rank_first() -> None:
    room = np.array([[4.0, 6.0, 10.0]])
    shared = spread_by_rank(np.array([12.0]), room, np.array([1.0, 5.0, 1.0]))
    np.testing.assert_allclose(shared, [[12.0 * 4 / 14, 0.0, 12.0 * 10 / 14]])
    shared = spread_by_rank(np.array([17.0]), room, np.array([1.0, 5.0, 1.0]))
    np.testing.assert_allclose(shared, [[4.0, 3.0, 10.0]])
