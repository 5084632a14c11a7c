"""`empty` and `zeros`: arrays that compiled functions make, as those of NumPy, of a tuple of lengths and a type of numbers; and
`item`, a number of one.

    voltage = zeros((n_nodes, LANES), np.float64)

For NumPy's Numba compiles three functions more for every kind of array, and each later process looks for them in all that Numba
knows of arrays, strings and random numbers: 0.1 s before its first answer.

What this takes from Numba: its runtime, which counts who uses an array, and the fields of one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.extending import intrinsic
from numba.core.typing.npydecl import parse_dtype

_SIZE = ir.IntType(64)

CACHE_LINE = 64
"""Bytes; where an array begins. A register of eight numbers that lies across two lines takes two accesses, and half of all arrays
of Numba's own begin in the middle of one."""


def _empty(typing_context: Any, shape: Any, dtype: Any) -> Any:
    """An array whose numbers are whatever the memory held before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lengths = cgutils.unpack_tuple(builder, arguments[0])
        return _make(context, builder, signature.return_type, lengths)._getvalue()

    return _signature(shape, dtype), generate


def _zeros(typing_context: Any, shape: Any, dtype: Any) -> Any:
    """An array of zeros."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lengths = cgutils.unpack_tuple(builder, arguments[0])
        array = _make(context, builder, signature.return_type, lengths)
        n_bytes = builder.mul(array.itemsize, array.nitems)
        cgutils.memset(builder, array.data, n_bytes, 0)
        return array._getvalue()

    return _signature(shape, dtype), generate


empty = cast(Callable[..., Any], intrinsic(_empty))
zeros = cast(Callable[..., Any], intrinsic(_zeros))


def _item(typing_context: Any, array: Any, place: Any) -> Any:
    """The number at a place, counted from the front, of an array of one axis.

    A place below zero counts from the end in Python. Compiled code has to ask at each; in a loop over a few entries that takes as
    long as the arithmetic.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_value, place_value = arguments
        data = context.make_array(signature.args[0])(context, builder, array_value).data
        return builder.load(builder.gep(data, [place_value]))

    return array.dtype(array, types.intp), generate


item = cast(Callable[..., Any], intrinsic(_item))


def _signature(shape: Any, dtype: Any) -> Any:
    lengths = types.UniTuple(types.intp, len(shape))
    array = types.Array(parse_dtype(dtype), len(shape), "C")
    return array(lengths, dtype)


def _make(context: Any, builder: Any, array_type: Any, lengths: list[Any]) -> Any:
    """The array in memory of its own."""
    number = context.get_data_type(array_type.dtype)
    strides = [_SIZE(context.get_abi_sizeof(number))]
    for length in reversed(lengths):
        strides.append(builder.mul(strides[-1], length))
    n_bytes = strides.pop()
    alignment = ir.Constant(ir.IntType(32), CACHE_LINE)
    memory = context.nrt.meminfo_alloc_aligned(builder, n_bytes, alignment)
    place = context.nrt.meminfo_data(builder, memory)
    array = context.make_array(array_type)(context, builder)
    array.data = builder.bitcast(place, number.as_pointer())
    array.itemsize = strides[0]
    array.nitems = builder.sdiv(n_bytes, strides[0])
    array.shape = cgutils.pack_array(builder, lengths)
    array.strides = cgutils.pack_array(builder, list(reversed(strides)))
    array.meminfo = memory
    array.parent = cgutils.get_null_value(array.parent.type)
    return array
