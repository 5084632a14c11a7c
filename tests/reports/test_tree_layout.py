"""Tree layout: by hand, and no crossing on random trees."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.reports.tree_layout import tree_rows

Parent = dict[str, str | None]


def random_tree(seed: int, count: int, reach: int) -> Parent:
    """Each bus hangs off one of the `reach` buses before it."""
    random = np.random.default_rng(seed)
    return {"b0": None} | {
        f"b{k}": f"b{random.integers(max(0, k - reach), k)}" for k in range(1, count)
    }


def test_longest_way_on_is_straight_and_the_lateral_beside_it():
    cells = tree_rows({"s": None, "a": "s", "b": "s", "c": "b"})
    assert [cells[bus] for bus in "sbc"] == [(0, 0), (1, 0), (2, 0)]
    assert cells["a"] == (1, 1)


def test_second_lateral_goes_to_the_other_side():
    cells = tree_rows({"s": None, "a": "s", "b": "s", "t": "s", "u": "t"})
    assert {cells["a"][1], cells["b"][1]} == {-1, 1}


def test_laterals_share_a_row_where_they_do_not_meet():
    trunk: Parent = {"t0": None} | {f"t{k}": f"t{k - 1}" for k in range(1, 9)}
    cells = tree_rows(trunk | {"x": "t1", "y": "t4"})
    assert cells["x"][1] == cells["y"][1] == 1


def test_second_root_is_below():
    cells = tree_rows({"s": None, "r": None, "a": "s", "b": "s", "q": "r"})
    assert cells["r"] == (0, max(cells["a"][1], cells["b"][1]) + 1)
    assert cells["q"] == (1, cells["r"][1])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("reach", [2, 5, 200])
def test_branches_of_a_random_tree_never_meet(seed: int, reach: int):
    parent = random_tree(seed, 200, reach)
    cells = tree_rows(parent)
    owner = {cell: bus for bus, cell in cells.items()}
    assert len(owner) == len(parent), "two buses in one place"
    for bus, above in parent.items():
        if above is None:
            continue
        (column, row), (to_column, to_row) = cells[above], cells[bus]
        assert to_column == column + 1
        step = 1 if to_row > row else -1
        for passed in range(row, to_row + (step if to_row != row else 0), step):
            assert owner.setdefault((column, passed), above) == above, (
                f"riser of {above} meets {owner[column, passed]}"
            )


def test_very_deep_tree():
    count = 20_000
    cells = tree_rows({"b0": None} | {f"b{k}": f"b{k - 1}" for k in range(1, count)})
    assert cells[f"b{count - 1}"] == (count - 1, 0)
