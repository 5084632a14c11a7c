"""The order of filling, by hand."""

from __future__ import annotations

import numpy as np

from tieline.envs.market.fill import NONE, as_members, fill, is_counted


def test_cheapest_first_until_the_demand_is_covered() -> None:
    power_kw = fill(
        np.array([0.07, 0.05, 0.06]), np.array([50.0, 40.0, 30.0]), np.array(80.0)
    )
    assert power_kw.tolist() == [10.0, 40.0, 30.0]


def test_what_nobody_covers_is_left() -> None:
    power_kw = fill(np.array([0.07, 0.05]), np.array([50.0, 40.0]), np.array(200.0))
    assert power_kw.tolist() == [50.0, 40.0]


def test_nothing_is_bought_of_no_demand() -> None:
    assert fill(np.array([0.05]), np.array([50.0]), np.array(0.0)).tolist() == [0.0]


def test_rows_are_games_and_sets() -> None:
    cost = np.array([[[0.1, 0.2], [0.2, 0.1]]])
    limit_kw = np.full((1, 2, 2), 30.0)
    power_kw = fill(cost, limit_kw, np.array([[40.0, 40.0]]))
    assert power_kw.tolist() == [[[30.0, 10.0], [10.0, 30.0]]]


def test_a_der_named_twice_counts_once() -> None:
    sets = np.array([[4, 4, 2], [1, NONE, 1], [NONE, NONE, NONE]])
    assert is_counted(sets).tolist() == [
        [True, False, True],
        [True, False, False],
        [False, False, False],
    ]


def test_masks_become_members() -> None:
    masks = np.array([[[True, False, True], [False, False, False]]])
    assert as_members(masks).tolist() == [[[0, 2], [NONE, NONE]]]
