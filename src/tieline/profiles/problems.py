"""Errors of a table of series: all findings together, in the words of the feeders' findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tieline.errors import InputError
from tieline.feeders import Finding
from tieline.typing import IntArray

SHOWN = 3
"""How many places a message names; the others are counted."""


class TableError(InputError):
    """A table of series cannot be used; `findings` holds every reason."""

    def __init__(self, path: Path, findings: Iterable[Finding]):
        self.findings = tuple(findings)
        count = len(self.findings)
        ending = "s" if count != 1 else ""
        lines = [f"Table '{path}' has {count} problem{ending}:"]
        lines += [f"  {finding}" for finding in self.findings]
        super().__init__("\n".join(lines))


def finding(what: str, component: str, message: str, remedy: str) -> Finding:
    """An error of code SERIES.`what`."""
    return Finding(f"SERIES.{what}", "error", component, message, remedy)


def rows_of(cells: pd.Series) -> IntArray:
    """Line in the file of each cell of a column; the header is line 1, (cell,)."""
    return np.asarray(cells.index, dtype=np.int64) + 2


def listing(items: Sequence[object] | IntArray) -> str:
    """The first items, and how many more there are."""
    text = ", ".join(str(item) for item in items[:SHOWN])
    n_more = len(items) - SHOWN
    if n_more > 0:
        text += f" and {n_more} more"
    return text
