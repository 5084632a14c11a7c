"""What sort of network a file holds, so that a rate of whole feeders is not one of tests and transmission grids.

A network is sorted by what was read. Of a file that is refused only the words can be counted; where they say nothing it counts
as a whole feeder, so that no rate is the better for it.
"""

from __future__ import annotations

import re
from pathlib import Path

from tieline.feeders.feeder import Feeder

WHOLE = "distribution feeder"
SMALL = "small network or test"
HELD = "grid with generators that hold voltages"

FEWEST_LOADS = 10
"""Of a whole feeder: the smallest of IEEE's unbalanced test feeders has 15, a file that tests one element has a few."""

NEW_LOAD = re.compile(r"^\s*new\s+(?:object\s*=\s*)?[\"']?load\.", re.I | re.M)
HOLDS = re.compile(r"^\s*new\s+[\"']?generator\..*\bmodel\s*=\s*3", re.I | re.M)


def kind_of(feeder: Feeder) -> str:
    """The sort of a network that was read."""
    if any(der.held_v_pu is not None for der in feeder.generators):
        return HELD
    return WHOLE if len(feeder.loads) >= FEWEST_LOADS else SMALL


def kind_of_text(file: str) -> str:
    """The sort of a file that was not read."""
    path = Path(file)
    if path.suffix.lower() != ".dss" or not path.is_file():
        return WHOLE
    text = path.read_bytes().decode("latin-1")
    if HOLDS.search(text):
        return HELD
    # a feeder of several files has its loads in one of the others
    is_in_parts = re.search(r"^\s*redirect\b", text, re.I | re.M) is not None
    is_large = len(NEW_LOAD.findall(text)) >= FEWEST_LOADS
    return WHOLE if is_in_parts or is_large else SMALL
