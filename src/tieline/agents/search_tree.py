"""`SearchTree`: where a search may walk and where it may end, as arrays.

The caller says which states follow from a state and which of them are ends. On a feeder a state is a bus, and what follows are
its neighbours away from the bus it was reached from; to leave some out is a stopping rule. Branches without an end are cut, so
that every walk can end.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from tieline.errors import InputError
from tieline.typing import BoolArray, IntArray

State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True, eq=False)
class SearchTree(Generic[State]):
    """States, (state,), the root first and parents before children.

    Attributes:
        states: what the caller calls them.
        parent: index of the state before, -1 for the root.
        first_child: the children of state k are child[first_child[k] : first_child[k + 1]], (state + 1,).
        child: indices of states, (state - 1,).
        may_end: whether a walk may end here.
        ends: the states where one may, rising, (end,).
        ends_behind: how many ends a state has at itself and in the branches below.
    """

    states: tuple[State, ...]
    parent: IntArray
    first_child: IntArray
    child: IntArray
    may_end: BoolArray
    ends: IntArray
    ends_behind: IntArray

    @property
    def depth(self) -> IntArray:
        """Steps from the root, (state,)."""
        depth = np.zeros(len(self.states), dtype=np.int64)
        # parents stand before children, so theirs is known
        for state in range(1, len(depth)):
            parent = self.parent[state]
            depth[state] = depth[parent] + 1
        return depth


def grow(
    root: State,
    actions: Callable[[State], Iterable[State]],
    may_end: Callable[[State], bool],
) -> SearchTree[State]:
    """Walk everything that can be reached and keep what leads to an end.

    Args:
        root: where every walk begins.
        actions: the states that follow from a state. A state that was reached before is not entered again.
        may_end: whether a walk may end at a state.

    Raises:
        InputError: if no end can be reached.
    """
    states, parent = _depth_first(root, actions)
    is_end = np.array([may_end(state) for state in states])
    ends_behind = is_end.astype(np.int64)
    # children stand after their parents, so going backwards every branch is summed before it is added
    for k in range(len(states) - 1, 0, -1):
        ends_behind[parent[k]] += ends_behind[k]
    useful = np.flatnonzero(ends_behind)
    if not len(useful):
        raise InputError(
            f"No walk from '{root}' can end: none of the {len(states)} states in reach is an end. Allow more of them."
        )
    position = np.cumsum(ends_behind > 0) - 1
    useful_parent = np.array([-1, *position[parent[useful[1:]]]], dtype=np.int64)
    first_child, child = _children(useful_parent)
    return SearchTree(
        states=tuple(states[k] for k in useful),
        parent=useful_parent,
        first_child=first_child,
        child=child,
        may_end=is_end[useful],
        ends=np.flatnonzero(is_end[useful]),
        ends_behind=ends_behind[useful],
    )


def _depth_first(
    root: State, actions: Callable[[State], Iterable[State]]
) -> tuple[list[State], IntArray]:
    """All states in reach and the index of each one's parent; without recursion, since feeders are long."""
    states: list[State] = []
    parent: list[int] = []
    stack = [(root, -1)]
    reached = {root}
    while stack:
        state, parent_index = stack.pop()
        following = [child for child in actions(state) if child not in reached]
        # the last one on the stack is the next to be visited, so the first child goes on last
        stack += [(child, len(states)) for child in reversed(following)]
        reached.update(following)
        states.append(state)
        parent.append(parent_index)
    return states, np.array(parent, dtype=np.int64)


def _children(parent: IntArray) -> tuple[IntArray, IntArray]:
    """Where the children of each state stand, and the children."""
    # stable: children of one state keep the order of their numbers, and with it what a seed means
    by_parent = np.argsort(parent, kind="stable").astype(np.int64)
    # the root, whose parent is -1, comes first and is nobody's child
    child = by_parent[1:]
    states = np.arange(len(parent) + 1)
    first_child = np.searchsorted(parent[child], states)
    return first_child.astype(np.int64), child
