"""Tree layout: the root at the left, one column per step, the longest way on straight, laterals above and below without
crossings.

Each bus belongs to a path that goes on to its deepest child. Paths are packed from the leaves to the root: a lateral is set as
close to its path as what is already there allows (the contours of E. M. Reingold and J. S. Tilford, Tidier drawings of trees,
IEEE Trans. Software Eng. SE-7 (1981), 223-228), on the side where less is in the way. Laterals that start farther out are set
first, so a lateral's riser at its own column passes only through free rows. Branches are meant to be drawn down the column of
the parent, then across.

No recursion, because feeders are hundreds of steps deep. Left out: branches outside the tree may cross anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Cell = tuple[int, int]


@dataclass
class _Block:
    """A path with its laterals. Rows count from the path; `reach[side]` is how far the block extends per column and side."""

    path: list[str]
    first_column: int
    reach: dict[int, dict[int, int]] = field(default_factory=lambda: {1: {}, -1: {}})
    laterals: list[tuple[str, int, bool]] = field(default_factory=list)
    """First bus, row offset, whether it is turned over."""


def tree_rows(parent: Mapping[str, str | None]) -> dict[str, Cell]:
    """Column and row of every bus.

    Args:
        parent: parent of each bus, None for roots; parents come before their children.

    Returns:
        (column, row) of each bus; the first root is in row 0, further roots are set below it.
    """
    children, column = _children(parent), _columns(parent)
    blocks = _blocks(parent, children, column)
    for first in reversed(list(blocks)):  # laterals before the path they start from
        _attach_laterals(blocks[first], blocks, children)
    rows: dict[str, Cell] = {}
    lowest = 0
    for root in (bus for bus, above in parent.items() if above is None):
        block = blocks[root]
        row = lowest + 1 + max(block.reach[-1].values(), default=0) if rows else 0
        _set_rows(block, row, blocks, column, rows)
        lowest = row + max(block.reach[1].values(), default=0)
    return rows


def _children(parent: Mapping[str, str | None]) -> dict[str, list[str]]:
    """Children of each bus, the one with the deepest subtree first (of equals the first)."""
    below: dict[str, list[str]] = {bus: [] for bus in parent}
    height = dict.fromkeys(parent, 0)
    for bus, above in reversed(list(parent.items())):
        if above is not None:
            below[above].insert(0, bus)
            height[above] = max(height[above], height[bus] + 1)
    return {bus: sorted(of_bus, key=lambda child: -height[child]) for bus, of_bus in below.items()}


def _columns(parent: Mapping[str, str | None]) -> dict[str, int]:
    column: dict[str, int] = {}
    for bus, above in parent.items():
        column[bus] = 0 if above is None else column[above] + 1
    return column


def _blocks(
    parent: Mapping[str, str | None], children: dict[str, list[str]], column: dict[str, int]
) -> dict[str, _Block]:
    """The path that starts at each root and at each first bus of a lateral, keyed by that bus."""
    blocks: dict[str, _Block] = {}
    for bus, above in parent.items():
        if above is None or children[above][0] != bus:
            path = [bus]
            while children[path[-1]]:
                path.append(children[path[-1]][0])
            blocks[bus] = _Block(path, column[bus])
    return blocks


def _attach_laterals(
    block: _Block, blocks: dict[str, _Block], children: dict[str, list[str]]
) -> None:
    """Place the laterals of a path, those farthest out first and, at one bus, the shortest first."""
    for side in (1, -1):
        block.reach[side] = {block.first_column + k: 0 for k in range(len(block.path))}
    for k in range(len(block.path) - 1, -1, -1):
        for first in reversed(children[block.path[k]][1:]):
            _attach(block, blocks[first], block.first_column + k)


def _attach(block: _Block, lateral: _Block, riser: int) -> None:
    """Place one lateral on the side where it comes closer; on equal terms below, where a reader looks first."""
    below, above = (_offset(block, lateral, side, riser) for side in (1, -1))
    offset, side = (below, 1) if below <= above else (above, -1)
    turned = _is_better_turned(lateral)
    block.laterals.append((lateral.path[0], side * offset, turned != (side < 0)))
    outer, reach = lateral.reach[-1 if turned else 1], block.reach[side]
    reach[riser] = max(reach.get(riser, 0), offset)
    for column, extent in outer.items():
        reach[column] = max(reach.get(column, 0), offset + extent)


def _offset(block: _Block, lateral: _Block, side: int, riser: int) -> int:
    """Rows between the path and the lateral so that the lateral's inner side clears all that is there."""
    inner = lateral.reach[1 if _is_better_turned(lateral) else -1]
    reach = block.reach[side]
    clear = max((reach.get(column, 0) + extent for column, extent in inner.items()), default=0)
    return max(clear, reach.get(riser, 0)) + 1


def _is_better_turned(lateral: _Block) -> bool:
    """Whether the lateral's wider side should be turned over, so that the wider side faces away from the path."""
    widest: Sequence[int] = [max(lateral.reach[side].values(), default=0) for side in (1, -1)]
    return widest[1] > widest[0]


def _set_rows(
    block: _Block,
    row: int,
    blocks: dict[str, _Block],
    column: dict[str, int],
    rows: dict[str, Cell],
) -> None:
    """Turn relative into absolute rows."""
    pending = [(block, row, 1)]
    while pending:
        current, at_row, sign = pending.pop()
        for bus in current.path:
            rows[bus] = (column[bus], at_row)
        for first, offset, turned in current.laterals:
            pending.append((blocks[first], at_row + sign * offset, -sign if turned else sign))
