"""A MATLAB file as statements: without comments, continued lines joined, one statement each.

Source: MATLAB documentation, "Comments", "Continue Long Statements on Multiple Lines", "Special Characters".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tieline.errors import InputError

BLOCK_BEGINS, BLOCK_ENDS = ("%{", "#{"), ("%}", "#}")
"""Lines of their own that begin and end a block comment; blocks nest."""

PLAIN = re.compile(r"[^'\"%#]*")
"""A line without strings and comments, which most are."""

OPENING, CLOSING = "([{", ")]}"


class Statement(NamedTuple):
    """One statement and the line it begins at; in brackets the rows of a matrix are parted by newlines."""

    line: int
    text: str


def read_statements(path: Path) -> list[Statement]:
    """The statements of a file; raises `InputError` if it cannot be read."""
    return list(_split(_joined(_without_blocks(_text(path)))))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except FileNotFoundError:
        raise InputError(f"MATPOWER file '{path}' does not exist. Check the path.") from None
    except OSError as error:
        raise InputError(
            f"MATPOWER file '{path}' cannot be read ({error.strerror}). Check the path and its permissions."
        ) from None


def _without_blocks(text: str) -> Iterator[Statement]:
    """Numbered lines outside block comments."""
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        mark = line.strip()
        if mark in BLOCK_BEGINS:
            depth += 1
        elif mark in BLOCK_ENDS and depth:
            depth -= 1
        elif not depth:
            yield Statement(number, line)


def _joined(lines: Iterator[Statement]) -> Iterator[Statement]:
    """Lines without comments, joined where one ends with three dots."""
    started, parts = 0, []
    for number, raw in lines:
        line, is_continued = _without_comment(raw)
        if not parts:
            started = number
        parts.append(line)
        if not is_continued:
            yield Statement(started, " ".join(parts))
            parts = []
    if parts:
        yield Statement(started, " ".join(parts))


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
    end = line.find(line[quote], quote + 1)
    return len(line) if end < 0 else end + 1


def is_transpose(text: str, quote: int) -> bool:
    """Whether a quote stands right behind an operand."""
    before = text[quote - 1 : quote]
    return text[quote] == "'" and (before.isalnum() or before in (")", "]", "}", "_", "'", "."))


def _split(lines: Iterator[Statement]) -> Iterator[Statement]:
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
        yield Statement(started, "".join(parts).strip())


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


STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")


def _opened(piece: str) -> int:
    """Brackets opened less brackets closed."""
    code = STRING.sub("", piece) if "'" in piece or '"' in piece else piece
    return sum(code.count(sign) for sign in OPENING) - sum(code.count(sign) for sign in CLOSING)
