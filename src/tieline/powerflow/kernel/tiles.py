"""Tiles: eight neighbouring columns of the rows of consecutive scenarios, from memory into eight `Lanes` and back.

Memory holds scenario after scenario, a workspace the same number of all scenarios side by side. A tile turns the one into the
other by whole cache lines: a load or store for each scenario and a few shuffles, in place of eight loads or stores.

A row of a tile is four pairs of numbers. Rows of even and of odd lanes are turned apart from each other, pairs kept together;
then even and odd ones are interleaved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import types
from numba.core.extending import intrinsic

from tieline.powerflow.kernel.lanes import LANES, column_pointers, lanes

TILE = 8
"""Columns of a tile: a cache line of float64."""

_PAIRS = TILE // 2
_GROUP = 2 * _PAIRS
"""Lanes that are turned together: as many even ones, and odd ones, as a row has pairs."""

_ROW = ir.VectorType(ir.DoubleType(), TILE)


def _gather_tile(
    typing_context: Any, array: Any, first: Any, last: Any, column: Any
) -> Any:
    """Eight columns of rows first, first + 1, ... of a (row, column) array, a row per lane; lanes beyond row `last` repeat it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointers = column_pointers(context, builder, signature.args[0], *arguments)
        rows = [
            builder.load(builder.bitcast(pointer, _ROW.as_pointer()), align=8)
            for pointer in pointers
        ]
        groups = [
            _columns_of_group(builder, rows[k : k + _GROUP])
            for k in range(0, LANES, _GROUP)
        ]
        columns = [_join(builder, parts) for parts in zip(*groups, strict=True)]
        return context.make_tuple(builder, signature.return_type, columns)

    return types.UniTuple(lanes, TILE)(
        array, types.intp, types.intp, types.intp
    ), generate


def _scatter_tile(
    typing_context: Any, array: Any, first: Any, last: Any, column: Any, tile: Any
) -> Any:
    """The reverse of `gather_tile`; lanes beyond row `last` must repeat its numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        *place, value = arguments
        columns = [builder.extract_value(value, k) for k in range(TILE)]
        pointers = column_pointers(context, builder, signature.args[0], *place)
        for k in range(0, LANES, _GROUP):
            group = [_part(builder, vector, k, _GROUP) for vector in columns]
            rows = _rows_of_group(builder, group)
            for row, pointer in zip(rows, pointers[k : k + _GROUP], strict=True):
                builder.store(row, builder.bitcast(pointer, _ROW.as_pointer()), align=8)
        return context.get_dummy_value()

    kinds = (array, types.intp, types.intp, types.intp, types.UniTuple(lanes, TILE))
    return types.void(*kinds), generate


gather_tile = cast(Callable[..., Any], intrinsic(_gather_tile))
scatter_tile = cast(Callable[..., Any], intrinsic(_scatter_tile))


def _columns_of_group(builder: Any, rows: list[Any]) -> list[Any]:
    """The columns, over the lanes of a group, of one row for each."""
    even = _turn_pairs(builder, rows[0::2])
    odd = _turn_pairs(builder, rows[1::2])
    columns = []
    for even_pairs, odd_pairs in zip(even, odd, strict=True):
        columns += _interleave(builder, even_pairs, odd_pairs)
    return columns


def _rows_of_group(builder: Any, columns: list[Any]) -> list[Any]:
    """The reverse of `_columns_of_group`."""
    even = []
    odd = []
    for k in range(0, TILE, 2):
        even_pairs, odd_pairs = _interleave(builder, columns[k], columns[k + 1])
        even.append(even_pairs)
        odd.append(odd_pairs)
    rows = []
    for even_row, odd_row in zip(
        _turn_pairs(builder, even), _turn_pairs(builder, odd), strict=True
    ):
        rows += [even_row, odd_row]
    return rows


def _interleave(builder: Any, front: Any, rear: Any) -> tuple[Any, Any]:
    """Numbers at even places of two vectors in turn, and those at odd places."""
    even = []
    for place in range(0, TILE, 2):
        even += [place, TILE + place]
    odd = [place + 1 for place in even]
    return _shuffle(builder, front, rear, even), _shuffle(builder, front, rear, odd)


def _turn_pairs(builder: Any, rows: list[Any]) -> list[Any]:
    """Rows of four pairs to columns of four pairs."""
    left_top, right_top = _halves(builder, rows[0], rows[1])
    left_bottom, right_bottom = _halves(builder, rows[2], rows[3])
    return [
        *_every_second_pair(builder, left_top, left_bottom),
        *_every_second_pair(builder, right_top, right_bottom),
    ]


def _halves(builder: Any, front: Any, rear: Any) -> tuple[Any, Any]:
    """The first two pairs of two rows, and the last two."""
    first = [0, 1, 2, 3, 8, 9, 10, 11]
    last = [place + 4 for place in first]
    return _shuffle(builder, front, rear, first), _shuffle(builder, front, rear, last)


def _every_second_pair(builder: Any, front: Any, rear: Any) -> tuple[Any, Any]:
    """Pairs 0 and 2 of two rows, and pairs 1 and 3."""
    even = [0, 1, 4, 5, 8, 9, 12, 13]
    odd = [place + 2 for place in even]
    return _shuffle(builder, front, rear, even), _shuffle(builder, front, rear, odd)


def _shuffle(builder: Any, front: Any, rear: Any, places: list[int]) -> Any:
    """Numbers of two vectors, one behind the other, at some places."""
    indices = ir.VectorType(ir.IntType(32), len(places))
    return builder.shuffle_vector(front, rear, ir.Constant(indices, places))


def _part(builder: Any, vector: Any, begin: int, size: int) -> Any:
    """Some neighbouring numbers of a vector."""
    undefined = ir.Constant(vector.type, ir.Undefined)
    return _shuffle(builder, vector, undefined, list(range(begin, begin + size)))


def _join(builder: Any, parts: Any) -> Any:
    """Vectors one behind the other, as many as a power of two."""
    vectors = list(parts)
    while len(vectors) > 1:
        size = 2 * vectors[0].type.count
        vectors = [
            _shuffle(builder, *vectors[k : k + 2], list(range(size)))
            for k in range(0, len(vectors), 2)
        ]
    return vectors[0]
