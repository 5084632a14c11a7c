"""Docstrings of the package as reStructuredText, which Sphinx reads.

They are written for whoever reads the source: a block that is set in is a formula or a table, lines that begin with `names` and
are continued further in are a list, and |x| is a magnitude. Sections of Google's style are left to Sphinx' napoleon.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Yields|Example|Examples):$")
ITEM = re.compile(r"`[^`]+`.*")
CODE = re.compile(r"(`[^`]*`)")


def process_docstring(
    app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]
) -> None:
    """Called by autodoc before napoleon; changes the lines in place."""
    lines[:] = restructured(lines)


def restructured(lines: Iterable[str]) -> list[str]:
    """The lines with lists, blocks and magnitudes marked; lines that are not set in begin in the first column."""
    result: list[str] = []
    in_section = False
    for is_text, block in groupby(lines, key=lambda line: bool(line.strip())):
        paragraph = list(block)
        if not is_text:
            result += paragraph
            continue
        depth = min(map(_depth, paragraph))
        in_section = bool(SECTION.match(paragraph[0])) or (in_section and depth > 0)
        if in_section:
            result += map(_escaped, paragraph)
        elif depth > 0:
            result += ["::", "", *paragraph]
        else:
            result += _listed(list(map(_escaped, paragraph)))
    return result


def _listed(paragraph: list[str]) -> list[str]:
    """A paragraph, as a list if lines in it are continued further in."""
    if not any(_depth(line) for line in paragraph):
        items = [line for line in paragraph if ITEM.match(line)]
        if len(items) < len(paragraph) or len(items) == 1:
            return paragraph
    return [f"  {line.strip()}" if _depth(line) else f"- {line}" for line in paragraph]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _escaped(line: str) -> str:
    """Bars outside code, which would be substitutions."""
    parts = CODE.split(line)
    return "".join(
        part if part.startswith("`") else part.replace("|", "\\|") for part in parts
    )
