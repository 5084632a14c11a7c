"""`Lanes`: a value for each of LANES scenarios, held in vector registers by compiled code.

Plain loops over a last axis of 16 are left to the compiler's vectoriser, which must assume that rows of an array may overlap
and then loads and stores at every step. This type says what is meant: `load` a row, compute with + - * /, `store` it; sums
over many rows stay in registers. It exists inside Numba-compiled functions only.

    total = load(x, i)
    for p in ...:
        total = total - spread(factor[p]) * load(x, column[p])
    store(x, i, total)
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, ClassVar, cast

from llvmlite import ir
from numba.core import types
from numba.core.extending import intrinsic, lower_builtin, models, register_model
from numba.core.typing.arraydecl import GetItemBuffer
from numba.core.typing.templates import AbstractTemplate, infer_global

LANES = 16
"""Scenarios side by side: two cache lines of float64, four AVX2 registers."""

_DOUBLE = ir.DoubleType()
_VECTOR = ir.VectorType(_DOUBLE, LANES)
_PAIR = ir.VectorType(_DOUBLE, 2)
_INDICES = ir.VectorType(ir.IntType(32), LANES)
_ALIGNMENT = 8
"""Arrays come from NumPy, which promises no more than the alignment of one number."""

_FLAGS = ("contract", "nsz", "arcp")
"""Fused multiply-add and reciprocals, but NaN and infinity keep their meaning: they are how a diverged lane shows."""


class LanesType(types.Type):
    """Numba's name for `Lanes`."""

    def __init__(self) -> None:
        super().__init__(name=f"Lanes{LANES}")


lanes = LanesType()

pair_of_lanes = types.UniTuple(lanes, 2)


@register_model(LanesType)
class LanesModel(models.PrimitiveModel):
    """A `Lanes` is one LLVM vector."""

    def __init__(self, manager: Any, frontend_type: Any) -> None:
        super().__init__(manager, frontend_type, _VECTOR)


def _compiled(typing: Callable[..., Any]) -> Callable[..., Any]:
    """A function of compiled code; its callers do not see the typing context that Numba hands to `typing`."""
    return cast(Callable[..., Any], intrinsic(typing))


def _row(
    context: Any, builder: ir.IRBuilder, array_type: Any, array: Any, row: Any
) -> Any:
    """Pointer to a row of a C-contiguous (row, LANES) array."""
    data = context.make_array(array_type)(context, builder, array).data
    first = builder.gep(data, [builder.mul(row, ir.Constant(row.type, LANES))])
    return builder.bitcast(first, _VECTOR.as_pointer())


@_compiled
def load(typing_context: Any, array: Any, row: Any) -> Any:
    """The row of a (row, LANES) array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(
            _row(context, builder, signature.args[0], *arguments), align=_ALIGNMENT
        )

    return lanes(array, types.intp), generate


@_compiled
def store(typing_context: Any, array: Any, row: Any, value: Any) -> Any:
    """Write a row of a (row, LANES) array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_value, row_value, vector = arguments
        builder.store(
            vector,
            _row(context, builder, signature.args[0], array_value, row_value),
            align=_ALIGNMENT,
        )
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), generate


@_compiled
def gather(typing_context: Any, array: Any, first: Any, last: Any, column: Any) -> Any:
    """A column of rows first, first + 1, ... of a (row, column) array, one row per lane; lanes beyond row `last` repeat it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = ir.Constant(_VECTOR, ir.Undefined)
        for lane, pointer in enumerate(
            column_pointers(context, builder, signature.args[0], *arguments)
        ):
            vector = builder.insert_element(
                vector,
                builder.load(pointer, align=_ALIGNMENT),
                ir.Constant(ir.IntType(32), lane),
            )
        return vector

    return lanes(array, types.intp, types.intp, types.intp), generate


@_compiled
def scatter(
    typing_context: Any, array: Any, first: Any, last: Any, column: Any, value: Any
) -> Any:
    """The reverse of `gather`: write lanes into a column of consecutive rows; lanes beyond row `last` must repeat its value."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        *place, vector = arguments
        for lane, pointer in enumerate(
            column_pointers(context, builder, signature.args[0], *place)
        ):
            builder.store(
                builder.extract_element(vector, ir.Constant(ir.IntType(32), lane)),
                pointer,
                align=_ALIGNMENT,
            )
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, types.intp, lanes), generate


@_compiled
def gather_pair_at(typing_context: Any, array: Any, rows: Any, column: Any) -> Any:
    """Two neighbouring columns, real and imaginary parts, of the rows whose numbers stand in `rows`, (LANES,), one per lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_value, rows_value, column_value = arguments
        unpacked = context.make_array(signature.args[0])(context, builder, array_value)
        width = builder.extract_value(unpacked.shape, 1)
        numbers = context.make_array(signature.args[1])(
            context, builder, rows_value
        ).data
        pointers = []
        for lane in range(LANES):
            row = builder.load(
                builder.gep(numbers, [ir.Constant(ir.IntType(64), lane)])
            )
            place = builder.add(builder.mul(row, width), column_value)
            pointers.append(builder.gep(unpacked.data, [place]))
        return _load_pairs(context, builder, signature, pointers)

    return pair_of_lanes(array, rows, types.intp), generate


def _load_pairs(context: Any, builder: Any, signature: Any, pointers: list[Any]) -> Any:
    """The numbers at the pointers and those behind them, as two `Lanes`."""
    parts = [
        builder.load(builder.bitcast(pointer, _PAIR.as_pointer()), align=_ALIGNMENT)
        for pointer in pointers
    ]
    while len(parts) > 1:
        parts = [_join(builder, *parts[k : k + 2]) for k in range(0, len(parts), 2)]
    undefined = ir.Constant(ir.VectorType(_DOUBLE, 2 * LANES), ir.Undefined)
    columns = [
        builder.shuffle_vector(
            parts[0], undefined, ir.Constant(_INDICES, list(range(k, 2 * LANES, 2)))
        )
        for k in range(2)
    ]
    return context.make_tuple(builder, signature.return_type, columns)


def _join(builder: Any, front: Any, rear: Any) -> Any:
    """One vector behind the other."""
    size = 2 * front.type.count
    indices = ir.VectorType(ir.IntType(32), size)
    return builder.shuffle_vector(front, rear, ir.Constant(indices, list(range(size))))


@_compiled
def prefetch(typing_context: Any, array: Any, row: Any, column: Any) -> Any:
    """Ask for the cache line of one number of a (row, column) array, soon to be read or written."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_value, row_value, column_value = arguments
        unpacked = context.make_array(signature.args[0])(context, builder, array_value)
        width = builder.extract_value(unpacked.shape, 1)
        pointer = builder.gep(
            unpacked.data, [builder.add(builder.mul(row_value, width), column_value)]
        )
        byte = ir.IntType(8).as_pointer()
        flag = ir.IntType(32)
        name = "llvm.prefetch.p0i8"
        kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, kind, name
        )
        write, keep, data = (ir.Constant(flag, number) for number in (1, 3, 1))
        builder.call(function, [builder.bitcast(pointer, byte), write, keep, data])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp), generate


def column_pointers(
    context: Any,
    builder: Any,
    array_type: Any,
    array: Any,
    first: Any,
    last: Any,
    column: Any,
) -> list[Any]:
    """Pointers to a column of LANES consecutive rows, none beyond `last`, of a C-contiguous (row, column) array."""
    unpacked = context.make_array(array_type)(context, builder, array)
    width = builder.extract_value(unpacked.shape, 1)
    pointers = []
    for lane in range(LANES):
        row = builder.add(first, ir.Constant(first.type, lane))
        row = builder.select(builder.icmp_signed("<", row, last), row, last)
        pointers.append(
            builder.gep(unpacked.data, [builder.add(builder.mul(row, width), column)])
        )
    return pointers


@_compiled
def spread(typing_context: Any, number: Any) -> Any:
    """The same number in every lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _spread(builder, arguments[0])

    return lanes(types.float64), generate


@_compiled
def spread_block(typing_context: Any, array: Any, row: Any) -> Any:
    """The four numbers in a row of a (row, 4) array, each in every lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_value, row_value = arguments
        data = context.make_array(signature.args[0])(context, builder, array_value).data
        first = builder.mul(row_value, ir.Constant(row_value.type, 4))
        numbers = []
        for column in range(4):
            place = builder.add(first, ir.Constant(row_value.type, column))
            numbers.append(_spread(builder, builder.load(builder.gep(data, [place]))))
        return context.make_tuple(builder, signature.return_type, numbers)

    return types.UniTuple(lanes, 4)(array, types.intp), generate


def _spread(builder: Any, number: Any) -> Any:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    one = builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(_INDICES, [0] * LANES))


@_compiled
def inverse_above(typing_context: Any, value: Any, floor: Any) -> Any:
    """1 / value where value is above the number `floor`, elsewhere 0; NaN stays NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, floor_value = arguments
        inverse = builder.fdiv(
            ir.Constant(_VECTOR, [1.0] * LANES), vector, flags=_FLAGS
        )
        is_low = builder.fcmp_ordered("<=", vector, _spread(builder, floor_value))
        return builder.select(is_low, ir.Constant(_VECTOR, [0.0] * LANES), inverse)

    return lanes(lanes, types.float64), generate


@_compiled
def replace_above(
    typing_context: Any, default: Any, value: Any, edge: Any, number: Any
) -> Any:
    """A default, but a number where the value is above an edge."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        default_vector, vector, edge_number, new_number = arguments
        is_above = builder.fcmp_ordered(">", vector, _spread(builder, edge_number))
        return builder.select(is_above, _spread(builder, new_number), default_vector)

    return lanes(lanes, lanes, types.float64, types.float64), generate


@_compiled
def above(typing_context: Any, value: Any, floor: Any) -> Any:
    """The value where it is above the number `floor`, elsewhere 0; NaN stays NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, floor_value = arguments
        is_low = builder.fcmp_ordered("<=", vector, _spread(builder, floor_value))
        return builder.select(is_low, ir.Constant(_VECTOR, [0.0] * LANES), vector)

    return lanes(lanes, types.float64), generate


@_compiled
def larger(typing_context: Any, first: Any, second: Any) -> Any:
    """The larger of two; the second if it is NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        keeps = builder.fcmp_ordered(">=", *arguments)
        return builder.select(keeps, *arguments)

    return lanes(lanes, lanes), generate


@_compiled
def larger_size(typing_context: Any, first: Any, second: Any) -> Any:
    """The larger of two numbers that are not negative; NaN if either is.

    The bits of such numbers, read as integers, have the order of the numbers, with those of NaN above all.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        integers = ir.VectorType(ir.IntType(64), LANES)
        bits = [builder.bitcast(vector, integers) for vector in arguments]
        is_larger = builder.icmp_unsigned(">", *bits)
        return builder.bitcast(builder.select(is_larger, *bits), _VECTOR)

    return lanes(lanes, lanes), generate


@_compiled
def smaller(typing_context: Any, first: Any, second: Any) -> Any:
    """The smaller of two; the second if it is NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        keeps = builder.fcmp_ordered("<=", *arguments)
        return builder.select(keeps, *arguments)

    return lanes(lanes, lanes), generate


@_compiled
def power_above(typing_context: Any, value: Any, exponent: Any, floor: Any) -> Any:
    """The value to the power of a number where it is above the number `floor`, elsewhere 0; NaN stays NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, exponent_number, floor_value = arguments
        name = f"llvm.pow.v{LANES}f64"
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, ir.FunctionType(_VECTOR, [_VECTOR, _VECTOR]), name
        )
        power = builder.call(function, [vector, _spread(builder, exponent_number)])
        is_low = builder.fcmp_ordered("<=", vector, _spread(builder, floor_value))
        return builder.select(is_low, ir.Constant(_VECTOR, [0.0] * LANES), power)

    return lanes(lanes, types.float64, types.float64), generate


@_compiled
def replace_between(
    typing_context: Any, default: Any, value: Any, low: Any, high: Any, new_value: Any
) -> Any:
    """A default, but another value in lanes where the value is above one number and not above the next."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        default_vector, vector, low_number, high_number, new_vector = arguments
        is_above = builder.fcmp_ordered(">", vector, _spread(builder, low_number))
        is_below = builder.fcmp_ordered("<=", vector, _spread(builder, high_number))
        is_between = builder.and_(is_above, is_below)
        return builder.select(is_between, new_vector, default_vector)

    return lanes(lanes, lanes, types.float64, types.float64, lanes), generate


@_compiled
def root(typing_context: Any, value: Any) -> Any:
    """Square root."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        name = f"llvm.sqrt.v{LANES}f64"
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, ir.FunctionType(_VECTOR, [_VECTOR]), name
        )
        return builder.call(function, arguments)

    return lanes(lanes), generate


_first_rule_of = cast(Callable[..., Any], infer_global)
"""Declares how Numba types a call."""


def _define(operation: Any, instruction: str) -> None:
    """Let an arithmetic operator work between two `Lanes`.

    As an `overload` Numba would compile it anew for each use, hundreds of them; and it would try what it knows of strings, lists
    and dates first, unless this says that it is for this kind of machine. Both took a quarter of the compiler's time.
    """

    @_first_rule_of(operation)
    class OfLanes(AbstractTemplate):
        key = operation
        metadata: ClassVar[dict[str, str]] = {"target": "cpu"}

        def generic(self, operands: Any, keywords: Any) -> Any:
            """`Lanes` if both operands are."""
            are_lanes = all(isinstance(operand, LanesType) for operand in operands)
            return lanes(lanes, lanes) if are_lanes else None

    @lower_builtin(operation, lanes, lanes)
    def compute(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return getattr(builder, instruction)(*arguments, flags=_FLAGS)


@_first_rule_of(operator.getitem)
class ItemOfArray(GetItemBuffer):
    """Numba's rule for items of arrays, before those for strings, lists and dictionaries, which it would try first."""

    metadata: ClassVar[dict[str, str]] = {"target": "cpu"}


_define(operator.add, "fadd")
_define(operator.sub, "fsub")
_define(operator.mul, "fmul")
_define(operator.truediv, "fdiv")
