"""Values of MATLAB expressions: numbers and matrices, and what joins them element by element.

A value is a number or an array of two dimensions; truth is a number too. What MATLAB would make a complex number is refused with
`ValueError`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

Value = Any
"""float, or an array of two dimensions, or the text of a string."""

LONGEST_RANGE = 1_000_000
"""Elements of a range."""

DUST = 1e-10
"""Part of a step by which the end of a range may be missed in binary numbers, as in 0:0.1:0.3."""

MOST_ELEMENTS = 10_000_000
"""Elements of one matrix. A bus matrix of 100,000 buses has 1.3 million."""


class FaultError(ValueError):
    """An error at which MATLAB stops too, whether the value is used or not."""


class SizeError(ValueError):
    """A matrix that is larger than any case needs."""


def stacked(rows: list[list[Value]]) -> Value:
    """Rows of elements as one matrix."""
    # before anything is made: a short text can ask for more than the memory holds
    check_size(sum(np.size(part) for row in rows for part in row))
    lines = [np.hstack([as_array(part) for part in row]) for row in rows if row]
    if not lines:
        return np.empty((0, 0))
    width = lines[0].shape[1]
    for number, line in enumerate(lines, start=1):
        if line.shape[1] != width:
            columns = f"{line.shape[1]} columns, the first has {width}"
            raise FaultError(f"row {number} of a matrix has {columns}")
    return unpacked(np.vstack(lines))


def unpacked(array: Value) -> Value:
    """A matrix of one element as a number."""
    # a mask of one element stays a mask, because it picks where a number counts
    return array.item() if array.size == 1 and array.dtype != bool else array


def check_size(size: int) -> None:
    """Raise `SizeError` for a matrix of more elements than `MOST_ELEMENTS`."""
    if size > MOST_ELEMENTS:
        raise SizeError(f"a matrix of {size} elements, more than any case has")


def truth(value: Value) -> Value:
    """Truth as an array that indexes, or as a number."""
    return float(value) if np.ndim(value) == 0 else value


def with_sign(sign: str, value: Value) -> Value:
    """A value behind one of + - ~ !."""
    if sign == "+":
        return value
    # not `-value`, which makes -0.0 of zero
    return 0.0 - number_of(value) if sign == "-" else truth(~_is_true(value))


def raised(sign: str, value: Value, exponent: Value) -> Value:
    """A power; `sign` is ^ or, element by element, .^"""
    if sign == "^" and not (is_scalar(value) and is_scalar(exponent)):
        raise ValueError("'^' of a matrix; write '.^' if elements are meant")
    return real(np.power, value, exponent)


def _is_true(value: Value) -> Value:
    return np.asarray(number_of(value)) != 0


def as_array(value: Value) -> Value:
    """A value as an array of two dimensions."""
    return np.atleast_2d(np.asarray(number_of(value)))


def number_of(value: Value) -> Value:
    """The value itself; raises `ValueError` for a text."""
    if isinstance(value, str):
        raise ValueError(f"the text '{value[:20]}' is no number")
    return value


def _as_floats(value: Value) -> Value:
    return np.asarray(number_of(value), dtype=float)


def is_scalar(value: Value) -> bool:
    """Whether a value is one number."""
    return np.size(value) == 1


def paired(
    function: Callable[[Value, Value], Value], first: Value, second: Value
) -> Value:
    """Element by element; a number, a row or a column is repeated."""
    # no array for two numbers, which most operands are
    if isinstance(first, float) and isinstance(second, float):
        return function(first, second)
    with np.errstate(all="ignore"):
        try:
            arrays = _as_floats(first), _as_floats(second)
            check_size(
                math.prod(np.broadcast_shapes(*(array.shape for array in arrays)))
            )
            return unpacked(np.atleast_2d(function(*arrays)))
        # a ValueError as well, but with something else to say
        except SizeError:
            raise
        except ValueError:
            sizes = f"{np.shape(first)} and {np.shape(second)}"
            raise FaultError(f"matrices of sizes {sizes} do not fit together") from None


def divide(dividend: Value, divisor: Value) -> Value:
    """Element by element; MATLAB's infinity is refused, because no case means it."""
    if np.any(np.asarray(number_of(divisor)) == 0):
        raise ValueError("division by zero")
    return paired(operator.truediv, dividend, divisor)


def real(function: Callable[..., Value], *values: Value) -> Value:
    """A function whose value must be a real number wherever its arguments are."""
    arrays = [as_array(value).astype(float) for value in values]
    check_size(math.prod(np.broadcast_shapes(*(array.shape for array in arrays))))
    with np.errstate(all="ignore"):
        result = function(*arrays)
    are_unknown = [np.isnan(array) for array in np.broadcast_arrays(*arrays)]
    # NaN out of numbers marks where MATLAB goes on with complex ones
    if np.any(np.isnan(result) & ~np.logical_or.reduce(are_unknown)):
        raise ValueError("the result is no real number")
    return unpacked(result)


def value_range(first: Value, second: Value, last: Value | None = None) -> Value:
    """first:second, or first:second:last, where the second is the step."""
    step = 1.0 if last is None else second
    end = second if last is None else last
    are_numbers = all(
        is_scalar(value) and np.isfinite(number_of(value))
        for value in (first, step, end)
    )
    if not are_numbers or step == 0:
        raise ValueError("a range needs numbers, such as 3:4")
    steps = np.floor((end - first) / step + DUST)
    count = max(int(steps) + 1, 0)
    if count > LONGEST_RANGE:
        raise ValueError(f"a range of {count} elements")
    return np.atleast_2d(first + step * np.arange(count))


def place_of(number: float, count: int) -> int:
    """An index of MATLAB, which begins at 1, counted from 0."""
    if not (number.is_integer() and 1 <= number <= count):
        raise FaultError(
            f"there is no element {number:g} among {count}; counting begins at 1"
        )
    return int(number) - 1
