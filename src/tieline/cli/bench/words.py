"""What benchmarks say about files and feeders, and what they refuse before anything is measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cyclopts import Parameter, Token, validators

MOST = 1_000_000
"""Largest number that a benchmark is asked for: what fits into the memory of any machine it is run on."""


def number(text: str, least: int, most: int = MOST) -> Parameter:
    """A flag that takes a whole number within bounds.

    Args:
        text: its help.
        least: smallest number it takes.
        most: largest.
    """
    return Parameter(help=text, converter=_whole, validator=validators.Number(gte=least, lte=most))


def _whole(hint: Any, tokens: Sequence[Token]) -> int:
    """The command line itself would round 1.5 to 2."""
    text = tokens[0].value
    if not text.strip().lstrip("+-").isdecimal():
        raise ValueError(f"'{text}' is not a whole number")
    return int(text)


def names_of(feeders: Sequence[str]) -> list[str]:
    """Feeders as given, of a path only the end."""
    return [f"path/to/{'/'.join(Path(name).parts[-2:])}" if len(Path(name).parts) > 1 else name for name in feeders]


def shown(page: Path) -> str:
    """The page's file as given; of one with a machine's folders only its name."""
    return page.name if page.is_absolute() else page.as_posix()
