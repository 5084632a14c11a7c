"""`BenchOptions`: what a benchmark can be asked, from which its flags and the command on its page are made.

This file imports nothing heavy: the command line needs it to print help.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tieline.settings import Settings

MOST = 1_000_000
"""Largest number that a benchmark is asked for: what fits into the memory of any machine it is run on."""

FEEDERS = "feeders"
"""Name of the field whose values stand on the command line without a flag."""


class BenchOptions(Settings):
    """Base of all options; a field `feeders` stands on the command line without a flag."""

    def words(self) -> list[str]:
        """The options that are not at their default, as they are typed: feeders first, then flags."""
        changed = self._changed()
        feeders = changed.pop(FEEDERS, ())
        flags = [flag_words(name, value) for name, value in changed.items()]
        return [*map(public_path, feeders), *flags]

    def _changed(self) -> dict[str, Any]:
        """Values that are not the default, by field."""
        changed = {}
        for name, info in type(self).model_fields.items():
            value = getattr(self, name)
            # a default is not typed: the command then shows what is special about a run
            if value != info.default:
                changed[name] = value
        return changed


def flag_name(name: str) -> str:
    """The flag of a field."""
    return f"--{name.replace('_', '-')}"


def flag_words(name: str, value: Any) -> str:
    """A flag with its value, as it is typed."""
    if isinstance(value, bool):
        if value:
            return flag_name(name)
        return flag_name(f"no-{name}")
    if isinstance(value, tuple):
        return f"{flag_name(name)} {','.join(map(str, value))}"
    # a published command tells nothing of the machine that it ran on
    text = value
    if isinstance(value, Path):
        text = public_path(value)
    return f"{flag_name(name)} {text}"


def public_path(place: str | Path) -> str:
    """A name as it is; of a path only the end, which says what it is: where a reader keeps the file is nobody's business."""
    parts: Sequence[str] = Path(place).parts
    if len(parts) <= 1:
        return str(place)
    end = "/".join(parts[-2:])
    return f"path/to/{end}"


def with_count(text: str, otherwise: int) -> tuple[str, int]:
    """ "name:30" as ("name", 30); without a number behind the last colon the whole is a name, with `otherwise`."""
    name, _, count = text.rpartition(":")
    if name and count.isdecimal():
        return name, int(count)
    # the colon behind the drive letter of a path is no count
    return text, otherwise
