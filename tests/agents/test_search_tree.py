"""Search trees by hand."""

from __future__ import annotations

import pytest

from tieline.agents.search_tree import grow
from tieline.errors import InputError

#   a - b - c       d is a dead end, e and c are ends
#       |   |
#       d   e
FOLLOWING = {"a": ["b"], "b": ["d", "c"], "c": ["e"], "d": [], "e": []}


def test_a_tree_by_hand() -> None:
    tree = grow("a", FOLLOWING.__getitem__, {"c", "e"}.__contains__)
    assert tree.states == ("a", "b", "c", "e")
    assert tree.parent.tolist() == [-1, 0, 1, 2]
    assert tree.ends.tolist() == [2, 3]
    assert tree.ends_behind.tolist() == [2, 2, 2, 1]
    assert tree.depth.tolist() == [0, 1, 2, 3]


def test_children_of_every_state() -> None:
    tree = grow("a", FOLLOWING.__getitem__, lambda _: True)
    found = {
        state: [
            tree.states[child]
            for child in tree.child[tree.first_child[k] : tree.first_child[k + 1]]
        ]
        for k, state in enumerate(tree.states)
    }
    assert found == FOLLOWING
    assert tree.ends_behind.tolist() == [5, 4, 1, 2, 1]  # a, b, d, c, e


def test_a_stopping_rule_cuts_what_lies_beyond() -> None:
    tree = grow(
        "a",
        lambda state: [one for one in FOLLOWING[state] if one != "c"],
        lambda _: True,
    )
    assert tree.states == ("a", "b", "d")


def test_a_root_alone_may_be_an_end() -> None:
    tree = grow("d", FOLLOWING.__getitem__, lambda _: True)
    assert (
        tree.states,
        tree.ends.tolist(),
        tree.child.tolist(),
        tree.first_child.tolist(),
    ) == (
        ("d",),
        [0],
        [],
        [0, 0],
    )


def test_a_loop_is_entered_once() -> None:
    tree = grow(0, lambda state: [(state + 1) % 4, (state - 1) % 4], lambda _: True)
    assert sorted(tree.states) == [0, 1, 2, 3]


def test_a_long_chain_needs_no_recursion() -> None:
    tree = grow(
        0,
        lambda state: [state + 1] if state < 50_000 else [],
        lambda state: state == 50_000,
    )
    assert tree.depth[-1] == 50_000


def test_a_tree_without_ends_is_refused() -> None:
    with pytest.raises(InputError, match="none of the 5 states in reach is an end"):
        grow("a", FOLLOWING.__getitem__, lambda _: False)
