"""What benchmarks say about files and feeders, and what they refuse before anything is measured."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cyclopts import Parameter, Token, validators

from tieline.errors import InputError
from tieline.files import require_writable

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


def require_places(**places: Path | None) -> None:
    """Refuse, before anything is measured, files that could not be written, and one that is named twice.

    Args:
        places: files by the name of their flag, underscores for hyphens; None for what was not given.

    Raises:
        InputError: saying which file cannot be written, or is named twice.
    """
    given = {
        f"--{name.replace('_', '-')}": path for name, path in places.items() if path is not None
    }
    for flag, path in given.items():
        require_writable(path, flag)
    if len({os.path.realpath(path) for path in given.values()}) < len(given):
        raise InputError(f"{' and '.join(given)} name the same file. Give each its own.")


def names_of(feeders: Sequence[str]) -> list[str]:
    """Feeders as given, of a path only the end."""
    return [
        f"path/to/{'/'.join(Path(name).parts[-2:])}" if len(Path(name).parts) > 1 else name
        for name in feeders
    ]


def shown(page: Path) -> str:
    """The page's file as given; of one with a machine's folders only its name."""
    return page.name if page.is_absolute() else page.as_posix()
