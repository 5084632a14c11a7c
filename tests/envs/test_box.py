"""`Box`: bounds, groups of names, and refusals that name the entry."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.box import Box
from tieline.errors import InputError, ShapeError

BOX = Box(
    ("q_share of a", "q_share of b", "price_usd"),
    np.array([-1.0, -1.0, 0.0]),
    np.array([1.0, 1.0, 5.0]),
)


def test_same_bounds_for_all() -> None:
    box = Box.of(("a", "b"), -2.0, 3.0)
    assert (box.size, box.low.tolist(), box.high.tolist()) == (
        2,
        [-2.0, -2.0],
        [3.0, 3.0],
    )


def test_groups_are_first_words_once() -> None:
    assert BOX.groups == ("q_share", "price_usd")


def test_clip_moves_each_entry_to_its_own_bound() -> None:
    assert BOX.clip(np.array([[-3.0, 0.5, 9.0], [2.0, -1.0, -0.1]])).tolist() == [
        [-1.0, 0.5, 5.0],
        [1.0, -1.0, 0.0],
    ]


def test_take_accepts_lists_and_whole_numbers() -> None:
    taken = BOX.take([[0, 1, 2]], 1, "Actions")
    assert taken.dtype == float
    assert taken.tolist() == [[0.0, 1.0, 2.0]]


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 2), (2, 3, 1)])
def test_take_says_the_shape_it_wants(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"Actions have shape .*; expected \(2, 3\)"):
        BOX.take(np.zeros(shape), 2, "Actions")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_take_names_what_is_not_finite(value: float) -> None:
    values = np.zeros((2, 3))
    values[1, 2] = value
    with pytest.raises(InputError, match=f"'price_usd' of episode 1 is {value}"):
        BOX.take(values, 2, "Actions")


@pytest.mark.parametrize(
    "values", ["abc", [[1.0, 2.0, "x"]], [[1.0], [1.0, 2.0]], None]
)
def test_take_refuses_what_is_no_number(values: object) -> None:
    with pytest.raises(InputError):
        BOX.take(values, 1, "Actions")
