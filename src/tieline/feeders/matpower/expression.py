"""MATLAB expressions read from their text: arithmetic, comparisons, ranges, matrices, indexing; nothing else is ever run.

Their values are made in `values`. A product of matrices and everything that is not listed is refused with `ValueError`.
Precedence as in MATLAB's documentation, "Operator Precedence"; equal signs go from the left, powers too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

import numpy as np

from tieline.feeders.matpower.cursor import Cursor, shown
from tieline.feeders.matpower.tokens import END
from tieline.feeders.matpower.values import (
    Value,
    as_array,
    check_size,
    divide,
    is_scalar,
    number_of,
    paired,
    place_of,
    raised,
    real,
    stacked,
    truth,
    unpacked,
    value_range,
    with_sign,
)

MOST_NESTED = 60
"""Brackets within brackets, above which a file is not a case."""

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


class Parser(Cursor):
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
        super().__init__(text)
        self.depth = 0
        self.read = read
        self.columns = columns
        self.spend = spend
        self.ends: list[int] = []

    def value(self) -> Value:
        """The value of an expression that the text ends with."""
        value = self.logical()
        if self.token is not END:
            raise ValueError(f"cannot follow what stands at {shown(self.token)}")
        return value

    def logical(self, loosest: int = 0) -> Value:
        """Comparisons, joined by signs that bind at least as close as the loosest one."""
        value = self.comparison()
        while (sign := self.token.text) in JOINS:
            level, join = JOINS[sign]
            if level < loosest or not self.binary(sign):
                break
            value = truth(paired(join, value, self.logical(level + 1)))
        return value

    def comparison(self) -> Value:
        """One range, or several compared from the left."""
        value = self.range()
        while sign := self.binary(*COMPARISONS):
            value = truth(paired(COMPARISONS[sign], value, self.range()))
        return value

    def range(self) -> Value:
        """A sum, or first:last, or first:step:last."""
        parts = [self.sum()]
        while len(parts) < 3 and self.continues_range():
            self.at += 1
            parts.append(self.sum())
        if len(parts) == 1:
            return parts[0]
        return value_range(*parts)

    def sum(self) -> Value:
        """Products, added and taken off from the left."""
        value = self.product()
        while sign := self.binary("+", "-"):
            function = operator.add if sign == "+" else operator.sub
            value = paired(function, value, self.product())
        return value

    def product(self) -> Value:
        """Signed powers, multiplied and divided from the left."""
        value = self.signed()
        while sign := self.binary("*", "/", ".*", "./"):
            factor = self.signed()
            has_number = is_scalar(factor) or (sign == "*" and is_scalar(value))
            if not sign.startswith(".") and not has_number:
                raise ValueError(
                    f"'{sign}' of two matrices; write '.{sign}' if elements are meant"
                )
            if sign.endswith("/"):
                value = divide(value, factor)
                continue
            value = paired(operator.mul, value, factor)
        return value

    def signed(self) -> Value:
        """A power behind any number of signs."""
        signs = []
        while sign := self.take("-", "+", "~", "!"):
            signs.append(sign)
        value = self.power()
        for sign in reversed(signs):
            value = with_sign(sign, value)
        return value

    def power(self) -> Value:
        """Operands, raised and transposed from the left."""
        value = self.operand()
        while True:
            if self.take("'", ".'"):
                value = np.transpose(as_array(value))
            elif sign := self.binary("^", ".^"):
                value = raised(sign, value, self.exponent())
            else:
                return value

    def exponent(self) -> Value:
        """An operand with any number of signs."""
        is_negative = False
        while sign := self.take("-", "+"):
            is_negative ^= sign == "-"
        value = self.operand()
        if is_negative:
            return 0.0 - number_of(value)
        return value

    def operand(self) -> Value:
        """A number, a string, a matrix, an expression in brackets, a variable or a call."""
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise ValueError("brackets are nested too deep for a case")
        token = self.token
        if token.kind == "number":
            self.at += 1
            # Python knows no exponent of Fortran
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
            raise ValueError(f"cannot read {shown(token)}")
        self.depth -= 1
        self.spend(value)
        return value

    def bracketed(self) -> Value:
        """What stands in round brackets, where blanks have no meaning."""
        outside = self.in_matrix
        self.in_matrix = False
        value = self.logical()
        self.need(")")
        self.in_matrix = outside
        return value

    def named(self) -> Value:
        """A variable, one of its fields or elements, or a function of a value."""
        name = self.name()
        if name == "end" and self.ends:
            return float(self.ends[-1])
        # within a matrix `a (1)` is two elements
        is_element = self.in_matrix and self.token.spaced
        has_bracket = self.token.text == "(" and not is_element
        if has_bracket and name in FUNCTIONS and not self.is_variable(name):
            self.at += 1
            return real(FUNCTIONS[name], self.bracketed())
        value = self.variable(name)
        if not has_bracket:
            return value
        rows, columns = self.index(as_array(value))
        check_size(len(rows) * len(columns))
        return unpacked(as_array(value)[np.ix_(rows, columns)])

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
            # after the variables, since a file may assign a name such as `eps`, as in MATLAB
            if name in CONSTANTS:
                return CONSTANTS[name]
            if name not in self.columns:
                raise ValueError(f"unknown name '{name}'") from None
            return self.columns[name]

    def index(self, array: Value) -> tuple[list[int], list[int]]:
        """Rows and columns that stand in brackets behind a variable, counted from 0; the brackets are passed."""
        self.need("(")
        outside = self.in_matrix
        self.in_matrix = False
        rows = self.places(array.shape[0] if self.has_comma() else array.size)
        if self.take(","):
            columns = self.places(array.shape[1])
        elif array.shape[0] == 1:
            columns = rows
            rows = [0]
        elif array.shape[1] == 1:
            columns = [0]
        else:
            # MATLAB counts down the columns here; no case needs it, and a slip would go unseen
            raise ValueError("a matrix needs a row and a column, such as (2, 3)")
        self.need(")")
        self.in_matrix = outside
        return rows, columns

    def places(self, count: int) -> list[int]:
        """Places along one dimension, counted from 0."""
        if self.token.text == ":" and self.tokens[self.at + 1].text in (",", ")"):
            self.at += 1
            return list(range(count))
        # what `end` means until these brackets close; brackets within have an end of their own
        self.ends.append(count)
        numbers = self.logical()
        self.ends.pop()
        if isinstance(numbers, np.ndarray) and numbers.dtype == bool:
            # a mask picks where it is true
            numbers = np.flatnonzero(numbers.ravel()) + 1.0
        flat = np.ravel(as_array(numbers))
        return [place_of(float(number), count) for number in flat]

    def matrix(self) -> Value:
        """A matrix in square brackets: elements parted by blanks or commas, rows by semicolons or line ends."""
        outside = self.in_matrix
        self.in_matrix = True
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
                self.need_end_of_element()
        self.in_matrix = outside
        return stacked(rows)
