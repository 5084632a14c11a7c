"""Load shapes and spectra that lines name and no line defines, as in a feeder that came without its profiles.

A snapshot uses none of them, but the engine rejects the line. So each gets a constant one of its name, and the line is run once
more, as an edit of what it has begun: whatever else is wrong with it comes out then.
"""

from __future__ import annotations

import re

CONSTANT = {
    "loadshape": "npts=1 interval=1 mult=(1)",
    "tshape": "npts=1 interval=1 temp=(25)",
    "spectrum": "numharm=1 harmonic=(1) %mag=(100) angle=(0)",
}
"""What makes one of each class."""

UNDEFINED = re.compile(
    rf'({"|".join(CONSTANT)}) object "([^"]+)" not found', re.IGNORECASE
)
"""What the engine says of a name."""

NEW = re.compile(r"[ \t]*new[ \t]", re.IGNORECASE)
MORE = re.compile(r"[ \t]*(?:~|more|m)[ \t]", re.IGNORECASE)


def undefined_shape(reason: str) -> tuple[str, str] | None:
    """Class and name of what a message of the engine misses, if a constant one can stand in for it."""
    match = UNDEFINED.search(reason)
    return (match[1].lower(), match[2]) if match else None


def definition(kind: str, name: str) -> str:
    """The line that defines a stand-in."""
    return f'new "{kind}.{name}" {CONSTANT[kind]}'


def as_edit(line: str, element: str) -> str:
    """A line that began or continued an element, as one that edits it."""
    # the stand-in was defined last, so a continuation would go to it
    if MORE.match(line):
        return MORE.sub(lambda _: f'edit "{element}" ', line, count=1)
    return NEW.sub("edit ", line, count=1)
