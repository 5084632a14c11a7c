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

from collections.abc import Mapping
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

    def farthest(self, side: int) -> int:
        """Rows that the block extends to a side."""
        return max(self.reach[side].values(), default=0)


def tree_rows(parent: Mapping[str, str | None]) -> dict[str, Cell]:
    """Column and row of every bus.

    Args:
        parent: parent of each bus, None for roots; parents come before their children.

    Returns:
        (column, row) of each bus; the first root is in row 0, further roots are set below it.
    """
    children = _children(parent)
    column = _columns(parent)
    blocks = _blocks(parent, children, column)
    for first in reversed(list(blocks)):  # laterals before the path they start from
        _attach_laterals(blocks[first], blocks, children)
    rows: dict[str, Cell] = {}
    lowest = 0
    roots = [bus for bus, above in parent.items() if above is None]
    for root in roots:
        block = blocks[root]
        row = 0
        if rows:
            row = lowest + 1 + block.farthest(-1)
        _set_rows(block, row, blocks, column, rows)
        lowest = row + block.farthest(1)
    return rows


def _children(parent: Mapping[str, str | None]) -> dict[str, list[str]]:
    """Children of each bus, the one with the deepest subtree first (of equals the first)."""
    children: dict[str, list[str]] = {bus: [] for bus in parent}
    height = dict.fromkeys(parent, 0)
    for bus, above in reversed(list(parent.items())):
        # a bus's height is known when its turn comes
        if above is not None:
            children[above].insert(0, bus)
            height[above] = max(height[above], height[bus] + 1)
    for of_bus in children.values():
        of_bus.sort(key=lambda child: -height[child])
    return children


def _columns(parent: Mapping[str, str | None]) -> dict[str, int]:
    column: dict[str, int] = {}
    for bus, above in parent.items():
        column[bus] = 0 if above is None else column[above] + 1
    return column


def _blocks(
    parent: Mapping[str, str | None],
    children: dict[str, list[str]],
    column: dict[str, int],
) -> dict[str, _Block]:
    """The path that starts at each root and at each first bus of a lateral, keyed by that bus."""
    blocks: dict[str, _Block] = {}
    for bus, above in parent.items():
        if above is None or children[above][0] != bus:
            path = _path_from(bus, children)
            blocks[bus] = _Block(path, column[bus])
    return blocks


def _path_from(bus: str, children: dict[str, list[str]]) -> list[str]:
    """A bus and the way on to its deepest child."""
    path = [bus]
    while children[path[-1]]:
        path.append(children[path[-1]][0])
    return path


def _attach_laterals(
    block: _Block, blocks: dict[str, _Block], children: dict[str, list[str]]
) -> None:
    """Place the laterals of a path, those farthest out first and, at one bus, the shortest first."""
    end_column = block.first_column + len(block.path)
    columns = range(block.first_column, end_column)
    block.reach = {
        1: dict.fromkeys(columns, 0),
        -1: dict.fromkeys(columns, 0),
    }
    # outwards in: a lateral nearer to the root then passes around those beyond it, and its riser crosses none
    outermost_first = zip(reversed(block.path), reversed(columns), strict=True)
    for bus, riser in outermost_first:
        laterals = children[bus][1:]
        for first in reversed(laterals):
            _attach(block, blocks[first], riser)


def _attach(block: _Block, lateral: _Block, riser: int) -> None:
    """Place one lateral on the side where it comes closer; on equal terms below, where a reader looks first."""
    below = _offset(block, lateral, 1, riser)
    above = _offset(block, lateral, -1, riser)
    side = -1
    if below <= above:
        side = 1
    offset = min(below, above)
    is_turned = _is_better_turned(lateral)
    is_above = side < 0
    # above the path outwards is up: a lateral is turned over once for that, and turned twice it is as it was
    block.laterals.append((lateral.path[0], side * offset, is_turned != is_above))
    # from now on the riser and the lateral's outer side are in the way of the next ones
    reach = block.reach[side]
    reach[riser] = max(reach.get(riser, 0), offset)
    outer = lateral.reach[-1 if is_turned else 1]
    for column, extent in outer.items():
        farthest = offset + extent
        reach[column] = max(reach.get(column, 0), farthest)


def _offset(block: _Block, lateral: _Block, side: int, riser: int) -> int:
    """Rows between the path and the lateral with which the lateral's inner side clears all that is there."""
    inner_side = 1 if _is_better_turned(lateral) else -1
    inner = lateral.reach[inner_side]
    reach = block.reach[side]
    needed = [reach.get(column, 0) + extent for column, extent in inner.items()]
    # the riser must pass what stands in its column too
    needed.append(reach.get(riser, 0))
    return max(needed) + 1


def _is_better_turned(lateral: _Block) -> bool:
    """Whether the lateral's wider side should be turned over, to face away from the path."""
    return lateral.farthest(-1) > lateral.farthest(1)


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
        for first, offset, is_turned in current.laterals:
            lateral_sign = -sign if is_turned else sign
            pending.append((blocks[first], at_row + sign * offset, lateral_sign))
