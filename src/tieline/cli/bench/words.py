"""What benchmarks say about files and feeders, and what they refuse before anything is measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def check_file(flag: str, path: Path | None) -> None:
    """Refuse, before anything is measured, a file that cannot be written."""
    from tieline.errors import InputError

    if path is None:
        return
    if path.is_dir():
        raise InputError(f"'{path}' is a folder. Give a file with {flag}.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"'{path}' cannot be written: its folder does not exist. Choose another with {flag}.")


def names_of(feeders: Sequence[str]) -> list[str]:
    """Feeders as given, of a path only the end."""
    return [f"path/to/{'/'.join(Path(name).parts[-2:])}" if len(Path(name).parts) > 1 else name for name in feeders]


def shown(page: Path) -> str:
    """The page's file as given; of one with a machine's folders only its name."""
    return page.name if page.is_absolute() else page.as_posix()
