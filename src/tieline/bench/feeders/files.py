"""The feeder files below a folder, told from all other files by their first words, not by their names.

A script of OpenDSS is a feeder if it makes a circuit. If it makes one without saying its voltage bases, those that redirect to it
finish it, and it is a part of them, such as a substation. A MATPOWER file is a case if it is a function that fills `bus`; a JSON
file is a net if it says so.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from tieline.feeders.load import require_place
from tieline.feeders.shipped import is_shipped, matching_names

MAKES_A_CIRCUIT = re.compile(
    r"^\s*(?:clear\s*;?\s*)?(?:new|edit)\s+(?:object\s*=\s*)?[\"']?circuit\.",
    re.IGNORECASE | re.MULTILINE,
)
STATES_BASES = re.compile(r"^\s*(?:set\s+voltageb|calcv)", re.IGNORECASE | re.MULTILINE)
REDIRECTS = re.compile(
    r"^\s*redirect\s+(?:file\s*=\s*)?[\"'(\[{]?([^\"'()\[\]{}!\r\n]+)",
    re.IGNORECASE | re.MULTILINE,
)
IS_A_CASE = re.compile(r"^\s*function\b.*\bcase|\.bus\s*=", re.MULTILINE)
IS_A_NET = re.compile(r"pandapowerNet")

SIGNS = {".dss": MAKES_A_CIRCUIT, ".m": IS_A_CASE, ".json": IS_A_NET}
"""What a feeder of each format has somewhere in its text."""

TABLES = "feeder.toml"
"""File by which a folder of tieline tables is known."""


def feeder_files(places: Iterable[str]) -> list[str]:
    """Names and files as they are given, of folders all feeder files below, in alphabetical order, and of patterns such as
    `simbench:1-LV-*` all feeders of that package that fit.

    Raises:
        InputError: if a place is neither a known feeder nor a file or folder that exists.
        MissingExtraError: if the package of a name is not installed.
    """
    files: list[str] = []
    for place in places:
        # a mistyped name is told at once, not as a row of the table after an hour
        require_place(place)
        folder = Path(place)
        if is_shipped(place):
            files += matching_names(place)
        elif folder.is_dir() and not (folder / TABLES).exists():
            files += _below(folder)
        else:
            files.append(place)
    return list(dict.fromkeys(files))


def _below(folder: Path) -> list[str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    parents = _parents(files)
    feeders = {path for path in files if is_feeder(path)}
    for part, callers in parents.items():
        if part in feeders and not STATES_BASES.search(_text(part)):
            feeders.remove(part)
            feeders.update(callers)
    return [str(path) for path in sorted(feeders)]


def _parents(files: list[Path]) -> dict[Path, list[Path]]:
    """The scripts that redirect to each script, of whatever letter case its name is."""
    scripts = [path for path in files if path.suffix.lower() == ".dss"]
    spelled = {str(path).lower(): path for path in scripts}
    parents: dict[Path, list[Path]] = {}
    for caller in scripts:
        for name in REDIRECTS.findall(_text(caller)):
            target = caller.parent / name.strip().replace("\\", "/")
            part = spelled.get(os.path.normpath(target).lower())
            if part is not None:
                parents.setdefault(part, []).append(caller)
    return parents


def is_feeder(path: Path) -> bool:
    """Whether a file holds a whole feeder, or the beginning of one."""
    if path.name == TABLES:
        return False
    sign = SIGNS.get(path.suffix.lower())
    return sign is not None and sign.search(_text(path)) is not None


def _text(path: Path) -> str:
    # a text in another encoding still shows its first words
    return path.read_bytes().decode("latin-1")
