"""A MATLAB file as statements: without comments, continued lines joined, one statement each.

Source: MATLAB documentation, "Comments", "Continue Long Statements on Multiple Lines", "Special Characters", "Text in String
and Character Arrays" (a quote within a text is written twice).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tieline.feeders.plain_file import read_plain_file

LINE_END = re.compile(r"\r\n|\r|\n")
"""The ends that MATLAB knows; Python's `splitlines` would also end a comment at a form feed or a separator of Unicode."""

BLOCK_BEGINS = ("%{", "#{")
BLOCK_ENDS = ("%}", "#}")
"""Lines of their own that begin and end a block comment; blocks nest."""

PLAIN = re.compile(r"[^'\"%#]*")
"""A line without strings and comments, which most are."""

QUOTE = re.compile(r"['\"]")

OPENING = "([{"
CLOSING = ")]}"


class Statement(NamedTuple):
    """One statement and the line it begins at; in brackets the rows of a matrix are parted by newlines."""

    line: int
    text: str


def read_statements(path: Path) -> list[Statement]:
    """The statements of a file; raises `InputError` if it cannot be read."""
    return list(_split(_joined(_without_blocks(_text(path)))))


def _text(path: Path) -> str:
    # beyond ASCII there are only comments and texts, where a lost letter changes nothing
    return read_plain_file(path, "MATPOWER file").decode("utf-8-sig", errors="replace")


def _without_blocks(text: str) -> Iterator[Statement]:
    """Numbered lines outside block comments."""
    depth = 0
    for number, line in enumerate(LINE_END.split(text), start=1):
        mark = line.strip()
        if mark in BLOCK_BEGINS:
            depth += 1
        # without a block before it the mark begins a comment like any other
        elif mark in BLOCK_ENDS and depth:
            depth -= 1
        elif not depth:
            yield Statement(number, line)


def _joined(lines: Iterator[Statement]) -> Iterator[Statement]:
    """Lines without comments, joined where one ends with three dots."""
    first_number = 0
    parts = []
    for number, raw in lines:
        line, is_continued = _without_comment(raw)
        if not parts:
            first_number = number
        parts.append(line)
        if not is_continued:
            yield Statement(first_number, " ".join(parts))
            parts = []
    if parts:
        yield Statement(first_number, " ".join(parts))


def _without_comment(line: str) -> tuple[str, bool]:
    """The line up to its comment, and whether it goes on in the next one."""
    begin = end = 0
    while begin < len(line):
        end = _end_of(PLAIN, line, begin)
        dots = line.find("...", begin, end)
        if dots >= 0:
            # what follows three dots is a comment
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
    end = end_of_text(line, quote)
    return len(line) if end < 0 else end + 1


def end_of_text(line: str, quote: int) -> int:
    """The closing quote of a text that begins at a quote, -1 if there is none; a quote within it is written twice."""
    end = line.find(line[quote], quote + 1)
    while end >= 0 and line[end + 1 : end + 2] == line[quote]:
        end = line.find(line[quote], end + 2)
    return end


def is_transpose(text: str, quote: int) -> bool:
    """Whether a quote stands right behind an operand."""
    # behind a blank a quote begins a text, even between the elements of a matrix
    before = text[quote - 1 : quote]
    return text[quote] == "'" and (
        before.isalnum() or before in (")", "]", "}", "_", "'", ".")
    )


def _split(lines: Iterator[Statement]) -> Iterator[Statement]:
    """Parts at semicolons, commas and line ends outside brackets and strings."""
    first_number = 0
    parts = []
    depth = 0
    for number, line in lines:
        if not depth:
            first_number = number
            parts = []
        for piece, separator in _pieces(line):
            # never below zero: a bracket too many must not swallow the statements behind it
            depth = max(depth + _opened(piece), 0)
            parts.append(piece)
            if separator and depth:
                parts.append(separator)
            elif separator and "".join(parts).strip():
                yield Statement(first_number, "".join(parts).strip())
            if separator and not depth:
                first_number = number
                parts = []
        if depth:
            parts.append("\n")
        elif "".join(parts).strip():
            yield Statement(first_number, "".join(parts).strip())
    if depth and "".join(parts).strip():
        yield Statement(first_number, "".join(parts).strip())


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


def _opened(piece: str) -> int:
    """Brackets opened less brackets closed."""
    code = _without_texts(piece)
    return sum(code.count(sign) for sign in OPENING) - sum(
        code.count(sign) for sign in CLOSING
    )


def _without_texts(piece: str) -> str:
    """The piece without its strings; a transpose begins none."""
    parts = []
    at = 0
    while quote := QUOTE.search(piece, at):
        parts.append(piece[at : quote.start()])
        at = _after_quote(piece, quote.start())
    return "".join([*parts, piece[at:]])


def unclosed_bracket(statement: str) -> str:
    """The outermost bracket that a statement opens and does not close; empty if there is none."""
    opened: list[str] = []
    for sign in _without_texts(statement):
        if sign in OPENING:
            opened.append(sign)
        elif sign in CLOSING and opened:
            opened.pop()
    return opened[0] if opened else ""
