"""Sentences on a page: no line ends within a flag, or between a number and its unit.

Browsers end a line behind a hyphen, so that "--" and the name of a flag would stand apart, and at any plain space.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from tieline.reports.numbers import UNITS

NO_BREAK = "\u00a0"
FLAG = re.compile(r"--[a-z][a-z0-9-]*")

_units = "|".join(map(re.escape, UNITS.values()))
BEFORE_UNIT = re.compile(rf"(?<=\d) (?=(?:{_units})(?!\w))")
"""The space in "12.5 kW"; "12 homes" may stand in two lines."""


def prose(text: str) -> Markup:
    """A sentence as HTML, letters of its own escaped."""
    joined = BEFORE_UNIT.sub(NO_BREAK, text)
    return Markup(FLAG.sub(r'<span class="flag">\g<0></span>', str(escape(joined))))
