"""A tile is the same numbers, turned: eight columns of LANES rows, and rows beyond the last repeat it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.powerflow.kernel.compiled import entry
from tieline.powerflow.kernel.lanes import LANES, load, store
from tieline.powerflow.kernel.tiles import TILE, gather_tile, scatter_tile

N_COLUMNS = 2 * TILE + 3


@entry
def columns_to_rows(array: Any, first: Any, last: Any, column: Any, rows: Any) -> None:
    tile = gather_tile(array, first, last, column)
    store(rows, 0, tile[0])
    store(rows, 1, tile[1])
    store(rows, 2, tile[2])
    store(rows, 3, tile[3])
    store(rows, 4, tile[4])
    store(rows, 5, tile[5])
    store(rows, 6, tile[6])
    store(rows, 7, tile[7])


@entry
def rows_to_columns(array: Any, first: Any, last: Any, column: Any, rows: Any) -> None:
    tile = (
        load(rows, 0),
        load(rows, 1),
        load(rows, 2),
        load(rows, 3),
        load(rows, 4),
        load(rows, 5),
        load(rows, 6),
        load(rows, 7),
    )
    scatter_tile(array, first, last, column, tile)


@pytest.mark.parametrize("count", [LANES, 5, 1])
@pytest.mark.parametrize("column", [0, 3, N_COLUMNS - TILE])
def test_columns_become_rows_of_lanes(count: int, column: int) -> None:
    array = np.random.default_rng(0).normal(size=(LANES + 4, N_COLUMNS))
    rows = np.empty((TILE, LANES))
    first = 2
    last = first + count - 1
    columns_to_rows(array, first, last, column, rows)
    scenarios = np.minimum(first + np.arange(LANES), last)
    np.testing.assert_array_equal(rows, array[scenarios, column : column + TILE].T)


@pytest.mark.parametrize("count", [LANES, 5, 1])
@pytest.mark.parametrize("column", [0, 3, N_COLUMNS - TILE])
def test_rows_of_lanes_become_columns_and_nothing_else_changes(
    count: int, column: int
) -> None:
    rows = np.random.default_rng(1).normal(size=(TILE, LANES))
    rows[:, count:] = rows[:, count - 1 : count]  # as lanes without a scenario do
    array = np.zeros((LANES + 4, N_COLUMNS))
    expected = array.copy()
    expected[2 : 2 + count, column : column + TILE] = rows[:, :count].T
    rows_to_columns(array, 2, 2 + count - 1, column, rows)
    np.testing.assert_array_equal(array, expected)
