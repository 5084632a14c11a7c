"""What each finding code means and what to do, in the words of the program: those of the page of codes of the documentation.

The file beside this one is written from the source by `make findings`; `<...>` in it stands for what a run fills in.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tieline.errors import InputError, unknown_name_message

FILE = Path(__file__).with_name("finding_texts.json")

FILLED_IN = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Said:
    """One way to come to a finding: how grave it is, what is said and what to do, the texts that are chosen between."""

    severity: str
    message: tuple[str, ...]
    remedy: tuple[str, ...]


@dataclass(frozen=True)
class FindingText:
    """What there is to know of a code.

    Attributes:
        code: in capitals.
        said: every way to come to it.
        purpose: what the part of tieline that says it is about.
    """

    code: str
    said: tuple[Said, ...]
    purpose: str


def explain_code(code: str) -> FindingText:
    """The text of a code, whatever letters it has in capitals.

    Raises:
        InputError: if there is no such code; names the nearest.
    """
    name = code.strip().strip("[]").upper()
    entries = _entries()
    listed = _listed_as()
    key = listed.get(name) or _by_pattern(name)
    if key is None:
        names = [each for each in listed if "<" not in each]
        raise InputError(unknown_name_message("finding code", name, names))
    entry = entries[key]
    said = tuple(
        Said(way["severity"], tuple(way["message"]), tuple(way["remedy"]))
        for way in entry["said"]
    )
    return FindingText(name, said, entry["purpose"])


@cache
def _entries() -> dict[str, dict]:
    return json.loads(FILE.read_text(encoding="utf-8"))


@cache
def _listed_as() -> dict[str, str]:
    """The entry of each code, also of those that an entry for all kinds of elements stands for."""
    by_code = {}
    for key, entry in _entries().items():
        by_code |= dict.fromkeys((key, *entry["codes"]), key)
    return by_code


def _by_pattern(code: str) -> str | None:
    """The entry whose code has <...> where this one has words that only a run knows; the most letters in common first."""
    fitting = []
    for key in _entries():
        parts = FILLED_IN.split(key)
        pattern = "[A-Z0-9_]+".join(map(re.escape, parts))
        # an entry for elements lists its codes: it stands for no others
        if len(parts) > 1 and parts[0] and re.fullmatch(pattern, code):
            fitting.append((sum(map(len, parts)), key))
    return max(fitting)[1] if fitting else None
