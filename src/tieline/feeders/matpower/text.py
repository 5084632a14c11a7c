"""A MATLAB file as statements: without comments, continued lines joined, one statement each.

Source: MATLAB documentation, "Comments", "Continue Long Statements on Multiple Lines", "Special Characters".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from tieline.errors import InputError

BLOCK_BEGINS, BLOCK_ENDS = ("%{", "#{"), ("%}", "#}")
"""Lines of their own that begin and end a block comment; blocks nest."""

PLAIN = re.compile(r"[^'\"%#]*")
"""A line without strings and comments, which most are."""

OPENING, CLOSING = "([{", ")]}"

ELSE = re.compile(r"else\b\s*(?=\S)")
"""An `else` with something behind it."""


class Line(NamedTuple):
    """A line of the file, or several that three dots join, by the number of the first."""

    number: int
    text: str


class Statement(NamedTuple):
    """One statement and the line it begins at; in brackets the rows of a matrix are parted by newlines.

    A statement whose brackets are not closed has swallowed what follows it, which must not pass for read.
    """

    line: int
    text: str
    is_closed: bool = True


def read_statements(path: Path) -> list[Statement]:
    """The statements of a file; raises `InputError` if it cannot be read."""
    statements = _split(_joined(_without_blocks(_text(path))))
    return list(chain.from_iterable(map(_else_apart, statements)))


def _else_apart(statement: Statement) -> list[Statement]:
    """`else` and what stands behind it on its line as two statements; `else if` begins an `if` with an end of its own."""
    match = ELSE.match(statement.text)
    if match is None:
        return [statement]
    return [Statement(statement.line, "else"), statement._replace(text=statement.text[match.end() :])]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except FileNotFoundError:
        raise InputError(f"MATPOWER file '{path}' does not exist. Check the path.") from None
    except OSError as error:
        raise InputError(
            f"MATPOWER file '{path}' cannot be read ({error.strerror}). Check the path and its permissions."
        ) from None


def _without_blocks(text: str) -> Iterator[Line]:
    """Numbered lines outside block comments."""
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        mark = line.strip()
        if mark in BLOCK_BEGINS:
            depth += 1
        elif mark in BLOCK_ENDS and depth:
            depth -= 1
        elif not depth:
            yield Line(number, line)


def _joined(lines: Iterator[Line]) -> Iterator[Line]:
    """Lines without comments, joined where one ends with three dots."""
    started, parts = 0, []
    for number, raw in lines:
        line, is_continued = _without_comment(raw)
        if not parts:
            started = number
        parts.append(line)
        if not is_continued:
            yield Line(started, " ".join(parts))
            parts = []
    if parts:
        yield Line(started, " ".join(parts))


def _without_comment(line: str) -> tuple[str, bool]:
    """The line up to its comment, and whether it goes on in the next one."""
    begin = end = 0
    while begin < len(line):
        end = _end_of(PLAIN, line, begin)
        dots = line.find("...", begin, end)
        if dots >= 0:
            return line[:dots], True
        if end == len(line) or line[end] not in "'\"":
            break
        begin = end = _after_quote(line, end)
    return line[:end], False


def _end_of(pattern: re.Pattern[str], line: str, begin: int) -> int:
    """Where a pattern that may be empty ends."""
    match = pattern.match(line, begin)
    return match.end() if match else begin


def _after_quote(line: str, quote: int) -> int:
    """Where a string that begins at a quote is over; right behind the quote if it is a transpose."""
    if is_transpose(line, quote):
        return quote + 1
    end = end_of_string(line, quote)
    return len(line) if end < 0 else end + 1


def end_of_string(text: str, quote: int) -> int:
    """Where the quote stands that ends a string, below 0 if none does; two of them in a row are one of its characters."""
    sign = text[quote]
    end = text.find(sign, quote + 1)
    while end >= 0 and text[end + 1 : end + 2] == sign:
        end = text.find(sign, end + 2)
    return end


def is_transpose(text: str, quote: int) -> bool:
    """Whether a quote stands right behind an operand."""
    before = text[quote - 1 : quote]
    return text[quote] == "'" and (before.isalnum() or before in (")", "]", "}", "_", "'", "."))


def _split(lines: Iterator[Line]) -> Iterator[Statement]:
    """Parts at semicolons, commas and line ends outside brackets and strings."""
    started, parts, depth = 0, [], 0
    for number, line in lines:
        if not depth:
            started, parts = number, []
        for piece, separator in _pieces(line):
            depth = max(depth + _opened(piece), 0)
            parts.append(piece)
            if separator and depth:
                parts.append(separator)
            elif separator and "".join(parts).strip():
                yield Statement(started, "".join(parts).strip())
            if separator and not depth:
                started, parts = number, []
        if depth:
            parts.append("\n")
        elif "".join(parts).strip():
            yield Statement(started, "".join(parts).strip())
    if depth and "".join(parts).strip():
        yield Statement(started, "".join(parts).strip(), is_closed=False)


PIECE = re.compile(r"[^;,'\"]*")


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    """Text and the separator behind it; strings stay whole."""
    begin = end = 0
    while end < len(line):
        end = _end_of(PIECE, line, end)
        if end < len(line) and line[end] in "'\"":
            end = _after_quote(line, end)
        elif end < len(line):
            yield line[begin:end], line[end]
            begin = end = end + 1
    yield line[begin:], ""


NO_QUOTE = re.compile(r"[^'\"]*")


def _opened(piece: str) -> int:
    """Brackets opened less brackets closed, strings aside."""
    code = "".join(_code_of(piece))
    return sum(code.count(sign) for sign in OPENING) - sum(code.count(sign) for sign in CLOSING)


def _code_of(piece: str) -> Iterator[str]:
    """What stands outside strings; the quote of a transpose is no string's."""
    begin = 0
    while begin < len(piece):
        end = _end_of(NO_QUOTE, piece, begin)
        yield piece[begin:end]
        begin = _after_quote(piece, end) if end < len(piece) else end
