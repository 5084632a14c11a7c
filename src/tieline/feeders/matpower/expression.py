"""Values of MATLAB expressions: arithmetic, comparisons, ranges, matrices, indexing; nothing else is ever run.

A value is a number or an array of two dimensions; truth is a number too. What MATLAB would make a complex number, a product of
matrices and everything that is not listed is refused with `ValueError`. Precedence as in MATLAB's documentation, "Operator
Precedence"; equal signs go from the left, powers too.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tieline.feeders.matpower.tokens import END, Token, tokenise

Value = Any
"""float, or an array of two dimensions, or the text of a string."""

MOST_NESTED = 60
"""Brackets within brackets, above which a file is not a case."""

LONGEST_RANGE = 1_000_000
"""Elements of a range."""

MOST_ELEMENTS = 10_000_000
"""Elements of one matrix. A bus matrix of 100,000 buses has 1.3 million."""

FUNCTIONS: dict[str, Callable[[Value], Value]] = {
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "abs": np.abs,
    "floor": np.floor,
    "ceil": np.ceil,
    "deg2rad": np.radians,
    "rad2deg": np.degrees,
}
"""Functions of one number, element by element."""

CONSTANTS = {
    "pi": np.pi,
    "Inf": np.inf,
    "inf": np.inf,
    "NaN": np.nan,
    "nan": np.nan,
    "eps": float(np.finfo(float).eps),
    "true": 1.0,
    "false": 0.0,
}

COMPARISONS: dict[str, Callable[[Value, Value], Value]] = {
    "==": operator.eq,
    "~=": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


JOINS: dict[str, tuple[int, Callable[[Value, Value], Value]]] = {
    "||": (0, np.logical_or),
    "&&": (1, np.logical_and),
    "|": (2, np.logical_or),
    "&": (3, np.logical_and),
}
"""What joins truths, and how close it binds."""


class FaultError(ValueError):
    """An error at which MATLAB stops too, whether the value is used or not."""


class SizeError(ValueError):
    """A matrix that is larger than any case needs."""


class Parser:
    """Reads one expression and finds its value on the way.

    `read` gives the value of a variable by its full name, `spend` is told every value that is made.
    """

    def __init__(
        self,
        text: str,
        read: Callable[[str], Value],
        columns: Mapping[str, float],
        spend: Callable[[Value], None],
    ):
        self.tokens, self.at, self.depth = tokenise(text), 0, 0
        self.read, self.columns, self.spend = read, columns, spend
        self.ends: list[int] = []
        self.in_matrix = False

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def take(self, *texts: str) -> str:
        """The next sign if it is one of these, which is then passed; else nothing."""
        token = self.token
        if token.kind in ("sign", "newline") and token.text in texts:
            self.at += 1
            return token.text
        return ""

    def need(self, text: str) -> None:
        """Pass a sign that must follow."""
        if not self.take(text):
            raise ValueError(f"expected '{text}', not {_shown(self.token)}")

    def value(self) -> Value:
        """The value of an expression that the text ends with."""
        value = self.logical()
        if self.token is not END:
            raise ValueError(f"cannot follow what stands at {_shown(self.token)}")
        return value

    def logical(self, loosest: int = 0) -> Value:
        """Comparisons, joined by signs that bind at least as close as the loosest one."""
        value = self.comparison()
        while (sign := self.token.text) in JOINS:
            level, join = JOINS[sign]
            if level < loosest or not self.binary(sign):
                break
            value = truth(_paired(join, value, self.logical(level + 1)))
        return value

    def comparison(self) -> Value:
        """One range, or several compared from the left."""
        value = self.range()
        while sign := self.binary(*COMPARISONS):
            value = truth(_paired(COMPARISONS[sign], value, self.range()))
        return value

    def range(self) -> Value:
        """A sum, or first:last, or first:step:last."""
        parts = [self.sum()]
        while (
            len(parts) < 3
            and self.token.text == ":"
            and self.token.kind == "sign"
            and self.tokens[self.at + 1].text != ")"
        ):
            self.at += 1
            parts.append(self.sum())
        return parts[0] if len(parts) == 1 else _range(*parts)

    def sum(self) -> Value:
        """Products, added and taken off from the left."""
        value = self.product()
        while sign := self.binary("+", "-"):
            right = self.product()
            value = _paired(operator.add if sign == "+" else operator.sub, value, right)
        return value

    def product(self) -> Value:
        """Signed powers, multiplied and divided from the left."""
        value = self.signed()
        while sign := self.binary("*", "/", ".*", "./"):
            right = self.signed()
            if not sign.startswith(".") and not (
                _is_scalar(right) or (sign == "*" and _is_scalar(value))
            ):
                raise ValueError(f"'{sign}' of two matrices; write '.{sign}' if elements are meant")
            value = (
                _paired(operator.mul, value, right) if sign.endswith("*") else _divide(value, right)
            )
        return value

    def signed(self) -> Value:
        """A power behind any number of signs."""
        signs = []
        while sign := self.take("-", "+", "~", "!"):
            signs.append(sign)
        value = self.power()
        for sign in reversed(signs):
            value = _with_sign(sign, value)
        return value

    def power(self) -> Value:
        """Operands, raised and transposed from the left."""
        value = self.operand()
        while True:
            if self.take("'", ".'"):
                value = np.transpose(_as_array(value))
            elif sign := self.binary("^", ".^"):
                value = _raised(sign, value, self.exponent())
            else:
                return value

    def exponent(self) -> Value:
        """An operand with any number of signs."""
        is_negative = False
        while sign := self.take("-", "+"):
            is_negative ^= sign == "-"
        value = self.operand()
        return 0.0 - _number(value) if is_negative else value

    def binary(self, *signs: str) -> str:
        """The next sign if it joins two operands; in a matrix "1 -2" is two elements."""
        token, after = self.token, self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if self.in_matrix and token.spaced and token.text in ("+", "-") and not after.spaced:
            return ""
        return self.take(*signs)

    def operand(self) -> Value:
        """A number, a string, a matrix, an expression in brackets, a variable or a call."""
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise ValueError("brackets are nested too deep for a case")
        token = self.token
        if token.kind == "number":
            self.at += 1
            value: Value = float(token.text.replace("d", "e").replace("D", "e"))
        elif token.kind == "string":
            self.at += 1
            value = token.text
        elif token.kind == "name":
            value = self.named()
        elif self.take("("):
            value = self.bracketed()
        elif self.take("["):
            value = self.matrix()
        else:
            raise ValueError(f"cannot read {_shown(token)}")
        self.depth -= 1
        self.spend(value)
        return value

    def bracketed(self) -> Value:
        """What stands in round brackets, where blanks have no meaning."""
        outside, self.in_matrix = self.in_matrix, False
        value = self.logical()
        self.need(")")
        self.in_matrix = outside
        return value

    def named(self) -> Value:
        """A variable, one of its fields or elements, or a function of a value."""
        name = self.name()
        if name == "end" and self.ends:
            return float(self.ends[-1])
        has_bracket = self.token.text == "(" and not (self.in_matrix and self.token.spaced)
        if has_bracket and name in FUNCTIONS and not self.is_variable(name):
            self.at += 1
            return _real(FUNCTIONS[name], self.bracketed())
        value = self.variable(name)
        if not has_bracket:
            return value
        rows, columns = self.index(_as_array(value))
        check_size(len(rows) * len(columns))
        return unpacked(_as_array(value)[np.ix_(rows, columns)])

    def is_variable(self, name: str) -> bool:
        """Whether the file has assigned a variable of this name, which then hides a function."""
        try:
            self.read(name)
        except KeyError:
            return False
        return True

    def variable(self, name: str) -> Value:
        """What a name stands for: a variable of the file, else the number of a column."""
        try:
            return self.read(name)
        except KeyError:
            if name in CONSTANTS:
                return CONSTANTS[name]
            if name not in self.columns:
                raise ValueError(f"unknown name '{name}'") from None
            return self.columns[name]

    def name(self) -> str:
        """A name with its fields, joined by points."""
        parts = [self.token.text]
        self.at += 1
        while (
            self.token.text == "."
            and self.tokens[self.at + 1].kind == "name"
            and not self.token.spaced
        ):
            parts.append(self.tokens[self.at + 1].text)
            self.at += 2
        return ".".join(parts)

    def index(self, array: Value) -> tuple[list[int], list[int]]:
        """Rows and columns that stand in brackets behind a variable, counted from 0; the brackets are passed."""
        self.need("(")
        outside, self.in_matrix = self.in_matrix, False
        rows = self.places(array.shape[0] if self.has_comma() else array.size)
        if self.take(","):
            columns = self.places(array.shape[1])
        elif array.shape[0] == 1:
            rows, columns = [0], rows
        elif array.shape[1] == 1:
            columns = [0]
        else:
            raise ValueError("a matrix needs a row and a column, such as (2, 3)")
        self.need(")")
        self.in_matrix = outside
        return rows, columns

    def has_comma(self) -> bool:
        """Whether a comma parts what stands in these brackets."""
        depth = 0
        for token in self.tokens[self.at :]:
            depth += (token.text in "([{") - (token.text in ")]}") if token.kind == "sign" else 0
            if depth < 0 or token is END:
                return False
            if depth == 0 and token.text == ",":
                return True
        return False

    def places(self, count: int) -> list[int]:
        """Places along one dimension, counted from 0."""
        if self.token.text == ":" and self.tokens[self.at + 1].text in (",", ")"):
            self.at += 1
            return list(range(count))
        self.ends.append(count)
        numbers = self.logical()
        self.ends.pop()
        if isinstance(numbers, np.ndarray) and numbers.dtype == bool:
            numbers = np.flatnonzero(numbers.ravel()) + 1.0
        return [_place(float(number), count) for number in np.ravel(_as_array(numbers))]

    def matrix(self) -> Value:
        """A matrix in square brackets: elements parted by blanks or commas, rows by semicolons or line ends."""
        outside, self.in_matrix = self.in_matrix, True
        rows: list[list[Value]] = [[]]
        while not self.take("]"):
            if self.token is END:
                raise ValueError("a bracket '[' is not closed")
            if self.take(";", "\n"):
                rows.append([])
            elif not self.take(","):
                element = self.logical()
                self.spend(element)
                rows[-1].append(element)
                if (
                    self.token is not END
                    and not self.token.spaced
                    and self.token.text not in (",", ";", "\n", "]")
                ):
                    raise ValueError(f"a blank or comma is missing before {_shown(self.token)}")
        self.in_matrix = outside
        return stacked(rows)


def stacked(rows: list[list[Value]]) -> Value:
    """Rows of elements as one matrix."""
    check_size(sum(np.size(part) for row in rows for part in row))
    lines = [np.hstack([_as_array(part) for part in row]) for row in rows if row]
    if not lines:
        return np.empty((0, 0))
    wrong = [k for k, line in enumerate(lines, start=1) if line.shape[1] != lines[0].shape[1]]
    if wrong:
        width = lines[wrong[0] - 1].shape[1]
        raise FaultError(
            f"row {wrong[0]} of a matrix has {width} columns, the first has {lines[0].shape[1]}"
        )
    return unpacked(np.vstack(lines))


def unpacked(array: Value) -> Value:
    """A matrix of one element as a number."""
    return array.item() if array.size == 1 and array.dtype != bool else array


def check_size(size: int) -> None:
    """Raise `SizeError` for a matrix of more elements than `MOST_ELEMENTS`."""
    if size > MOST_ELEMENTS:
        raise SizeError(f"a matrix of {size} elements, more than any case has")


def truth(value: Value) -> Value:
    """Truth as an array that indexes, or as a number."""
    return float(value) if np.ndim(value) == 0 else value


def _with_sign(sign: str, value: Value) -> Value:
    if sign == "+":
        return value
    return 0.0 - _number(value) if sign == "-" else truth(~_is_true(value))


def _raised(sign: str, value: Value, exponent: Value) -> Value:
    if sign == "^" and not (_is_scalar(value) and _is_scalar(exponent)):
        raise ValueError("'^' of a matrix; write '.^' if elements are meant")
    return _real(np.power, value, exponent)


def _is_true(value: Value) -> Value:
    return np.asarray(_number(value)) != 0


def _as_array(value: Value) -> Value:
    return np.atleast_2d(np.asarray(_number(value)))


def _number(value: Value) -> Value:
    if isinstance(value, str):
        raise ValueError(f"the text '{value[:20]}' is no number")
    return value


def _as_floats(value: Value) -> Value:
    return np.asarray(_number(value), dtype=float)


def _is_scalar(value: Value) -> bool:
    return np.size(value) == 1


def _paired(function: Callable[[Value, Value], Value], left: Value, right: Value) -> Value:
    """Element by element; a number, a row or a column is repeated."""
    if isinstance(left, float) and isinstance(right, float):
        return function(left, right)
    with np.errstate(all="ignore"):
        try:
            arrays = _as_floats(left), _as_floats(right)
            check_size(math.prod(np.broadcast_shapes(*(array.shape for array in arrays))))
            return unpacked(np.atleast_2d(function(*arrays)))
        except SizeError:
            raise
        except ValueError:
            sizes = f"{np.shape(left)} and {np.shape(right)}"
            raise FaultError(f"matrices of sizes {sizes} do not fit together") from None


def _divide(left: Value, right: Value) -> Value:
    if np.any(np.asarray(_number(right)) == 0):
        raise ValueError("division by zero")
    return _paired(operator.truediv, left, right)


def _real(function: Callable[..., Value], *values: Value) -> Value:
    """A function whose value must be a real number wherever its arguments are."""
    arrays = [_as_array(value).astype(float) for value in values]
    check_size(math.prod(np.broadcast_shapes(*(array.shape for array in arrays))))
    with np.errstate(all="ignore"):
        result = function(*arrays)
    unknown = np.logical_or.reduce([np.isnan(array) for array in np.broadcast_arrays(*arrays)])
    if np.any(np.isnan(result) & ~unknown):
        raise ValueError("the result is no real number")
    return unpacked(result)


def _range(first: Value, second: Value, last: Value | None = None) -> Value:
    begin, step, end = (first, 1.0, second) if last is None else (first, second, last)
    if (
        not all(_is_scalar(value) and np.isfinite(_number(value)) for value in (begin, step, end))
        or step == 0
    ):
        raise ValueError("a range needs numbers, such as 3:4")
    count = max(int(np.floor((end - begin) / step + 1e-10)) + 1, 0)
    if count > LONGEST_RANGE:
        raise ValueError(f"a range of {count} elements")
    return np.atleast_2d(begin + step * np.arange(count))


def _place(number: float, count: int) -> int:
    if not (number.is_integer() and 1 <= number <= count):
        raise FaultError(f"there is no element {number:g} among {count}; counting begins at 1")
    return int(number) - 1


def _shown(token: Token) -> str:
    return (
        "the end of the line"
        if token.text == "\n"
        else f"'{token.text[:30]}'"
        if token is not END
        else "the end"
    )
