"""How one value of a feeder's dataclass is written in a table cell, and read back.

    names          as they are, in lower case                       n7
    numbers        shortest text that reads back as the same float  0.1
    yes/no         yes, no
    nodes          numbers joined by points                         1.2.3
    number lists   separated by blanks                              8.0 6.5 7.0
    ZIP shares     a word if one share is all, else three numbers   constant-power, 0.3 0.3 0.4
    matrices       rows divided by "|", lower triangle if symmetric   0.35 | 0.16 0.34

A blank cell stands for the field's default; that is the business of `csv_table.py`. Codecs are found from the type hints of the
dataclasses, so a new field needs no second entry anywhere.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union

from tieline.feeders.elements import (
    CONSTANT_CURRENT,
    CONSTANT_IMPEDANCE,
    CONSTANT_POWER,
    Matrix,
    Nodes,
)

ZIP_WORDS = {
    "constant-impedance": CONSTANT_IMPEDANCE,
    "constant-current": CONSTANT_CURRENT,
    "constant-power": CONSTANT_POWER,
}
TRUTH = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class Codec:
    """`write` gives the text of a value; `read` gives the value or raises `ValueError`; `expects` completes "must be ..."."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]
    expects: str


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a dataclass as a table column; `default` is `MISSING` if the field must be given."""

    name: str
    codec: Codec
    default: Any

    @property
    def is_required(self) -> bool:
        """True if a blank cell has no meaning."""
        return self.default is MISSING


@cache
def columns_of(cls: type, verbatim: bool = False) -> tuple[Column, ...]:
    """Columns of a dataclass, in the order of its fields; fields that hold other dataclasses are left to the caller.

    `verbatim` keeps text as it is (titles, messages); otherwise text is a name and is read in lower case.
    """
    hints = typing.get_type_hints(cls)
    codecs = [(field, _codec(hints[field.name], verbatim)) for field in fields(cls)]
    return tuple(
        Column(field.name, codec, field.default)
        for field, codec in codecs
        if codec is not None
    )


def read_matrix(text: str) -> Matrix:
    """The square matrix written as "a | b c" (lower triangle) or "a b | c d" (all rows); raises `ValueError`."""
    rows = [_read_floats(row) for row in text.split("|")]
    lengths = [len(row) for row in rows]
    places = range(len(rows))
    if lengths == [len(rows)] * len(rows):
        return tuple(rows)
    if lengths != [place + 1 for place in places]:
        raise ValueError(text)
    return tuple(tuple(rows[max(i, j)][min(i, j)] for j in places) for i in places)


def write_matrix(matrix: Matrix) -> str:
    """Text of a square matrix, as `read_matrix` takes it."""
    columns = tuple(zip(*matrix, strict=True))
    is_symmetric = columns == matrix
    rows = []
    for number, row in enumerate(matrix, start=1):
        entries = row[:number] if is_symmetric else row
        rows.append(_write_floats(entries))
    return " | ".join(rows)


def _codec(hint: Any, verbatim: bool) -> Codec | None:
    """Codec of a type hint, for `X | None` that of X; None for types that are tables of their own."""
    if hint is str:
        return VERBATIM if verbatim else NAME
    # None is a blank cell, which is not read by a codec
    if typing.get_origin(hint) in (Union, UnionType):
        return _codec(
            next(arg for arg in typing.get_args(hint) if arg is not NoneType), verbatim
        )
    if typing.get_origin(hint) is Literal:
        return _choice(typing.get_args(hint))
    return BY_TYPE.get(hint)


def _choice(words: tuple[str, ...]) -> Codec:
    def read(text: str) -> str:
        if text.strip().lower() not in words:
            raise ValueError(text)
        return text.strip().lower()

    return Codec(str, read, " or ".join(f"'{word}'" for word in words))


def _read_float(text: str) -> float:
    if "_" in text:  # Python reads 1_000, a spreadsheet does not
        raise ValueError(text)
    return float(text)


def _write_float(value: float) -> str:
    # `float` first, because the repr of NumPy's numbers names their type
    return repr(float(value))


def _read_int(text: str) -> int:
    # whole numbers with gaps between them come out of pandas as 3.0
    number = _read_float(text)
    if not number.is_integer():
        raise ValueError(text)
    return int(number)


def _read_bool(text: str) -> bool:
    if text.strip().lower() not in TRUTH:
        raise ValueError(text)
    return TRUTH[text.strip().lower()]


def _read_floats(text: str) -> tuple[float, ...]:
    return tuple(_read_float(word) for word in text.split())


def _write_floats(values: tuple[float, ...]) -> str:
    return " ".join(_write_float(value) for value in values)


def _read_pair(text: str) -> tuple[float, ...]:
    numbers = _read_floats(text)
    if len(numbers) != 2:
        raise ValueError(text)
    return numbers


def _read_nodes(text: str) -> Nodes:
    return tuple(int(word) for word in text.split("."))


def _read_zip(text: str) -> tuple[float, ...]:
    shares = ZIP_WORDS.get(text.strip().lower()) or _read_floats(text)
    if len(shares) != 3:
        raise ValueError(text)
    return shares


def _write_zip(shares: tuple[float, ...]) -> str:
    words: dict[tuple[float, ...], str] = {
        numbers: word for word, numbers in ZIP_WORDS.items()
    }
    return words.get(shares) or _write_floats(shares)


NAME = Codec(str, lambda text: text.strip().lower(), "a name")
VERBATIM = Codec(str, str, "text")
BY_TYPE: dict[Any, Codec] = {
    float: Codec(_write_float, _read_float, "a number"),
    int: Codec(str, _read_int, "a whole number"),
    bool: Codec(lambda value: "yes" if value else "no", _read_bool, "yes or no"),
    Nodes: Codec(
        lambda nodes: ".".join(map(str, nodes)),
        _read_nodes,
        "node numbers joined by points, like 1.2.3",
    ),
    Matrix: Codec(
        write_matrix,
        read_matrix,
        "a square matrix like '0.35 | 0.16 0.34' (rows of the lower triangle, or all rows)",
    ),
    tuple[float, float, float]: Codec(
        _write_zip, _read_zip, f"{', '.join(ZIP_WORDS)} or three numbers"
    ),
    tuple[float, float]: Codec(
        _write_floats, _read_pair, "two numbers separated by a blank"
    ),
    tuple[float, ...]: Codec(
        _write_floats, _read_floats, "numbers separated by blanks"
    ),
}
