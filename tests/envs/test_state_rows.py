"""Rows of states: taken, put, and the state they come from left alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tieline.envs.state_rows import put_rows, take_rows


@dataclass(frozen=True, eq=False)
class Pair:
    """Two arrays with the episode axis first."""

    flat: np.ndarray
    wide: np.ndarray


def pair(count: int, first: int = 0) -> Pair:
    flat = np.arange(first, first + count)
    return Pair(flat, flat[:, None] * np.array([10.0, 100.0]))


@pytest.mark.parametrize(
    "rows",
    [np.array([1, 3]), np.array([False, True, False, True])],
    ids=["indices", "bool"],
)
def test_take(rows: np.ndarray) -> None:
    taken = take_rows(pair(4), rows)
    assert taken.flat.tolist() == [1, 3]
    assert taken.wide.tolist() == [[10.0, 100.0], [30.0, 300.0]]


@pytest.mark.parametrize(
    "rows",
    [np.array([3, 0]), np.array([True, False, False, True])],
    ids=["indices", "bool"],
)
def test_put_changes_those_rows_of_a_copy(rows: np.ndarray) -> None:
    state, fresh = pair(4), pair(2, first=7)
    changed = put_rows(state, rows, fresh)
    assert changed.flat[rows].tolist() == [7, 8]
    assert changed.wide[rows, 0].tolist() == [70.0, 80.0]
    assert changed.flat[1:3].tolist() == [1, 2]
    assert state.flat.tolist() == [0, 1, 2, 3], "the state given is left alone"


def test_put_back_what_was_taken() -> None:
    state, rows = pair(5), np.array([4, 2])
    assert (
        put_rows(state, rows, take_rows(state, rows)).wide.tolist()
        == state.wide.tolist()
    )


@dataclass(frozen=True, eq=False)
class Nest:
    """A state within a state."""

    inner: Pair
    flat: np.ndarray


def test_states_within_states_are_taken_and_put_alike() -> None:
    nest = Nest(pair(4), np.arange(4))
    rows = np.array([1, 3])
    assert take_rows(nest, rows).inner.wide[:, 0].tolist() == [10.0, 30.0]
    fresh = Nest(pair(2, first=7), np.array([-1, -2]))
    changed = put_rows(nest, rows, fresh)
    assert changed.inner.flat.tolist() == [0, 7, 2, 8]
    assert changed.flat.tolist() == [0, -1, 2, -2]
    assert nest.inner.flat.tolist() == [0, 1, 2, 3]
