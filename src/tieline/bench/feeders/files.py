"""The feeder files below a folder, told from all other files by their first words, not by their names.

A script of OpenDSS is a feeder if it makes a circuit; one that is compiled or redirected to by such a script alone is a part of
it. A MATPOWER file is a case if it is a function that fills `bus`; a JSON file is a net if it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tieline.feeders.load import require_place
from tieline.feeders.shipped import is_shipped, matching_names

MAKES_A_CIRCUIT = re.compile(
    r"^\s*(?:clear\s*;?\s*)?(?:new|edit)\s+(?:object\s*=\s*)?[\"']?circuit\.",
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
    return [str(path) for path in files if is_feeder(path)]


def is_feeder(path: Path) -> bool:
    """Whether a file holds a whole feeder."""
    if path.name == TABLES:
        return False
    sign = SIGNS.get(path.suffix.lower())
    if sign is None:
        return False
    # a text in another encoding still shows its first words
    text = path.read_bytes().decode("latin-1")
    return sign.search(text) is not None
