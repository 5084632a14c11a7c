"""The screen as every command writes to it: letter by letter what it is given, in lines of a width that can be read.

Names come from users and may hold anything; nothing of them is taken for markup, emoji codes or colours.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

NARROWEST = 40
"""Letters of the narrowest line in which help and tables are set: below, a word takes many lines, and setting them minutes."""


def screen(**options: Any) -> Any:
    """A rich `Console` on standard output, or on what `options` say."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False, **options)


def prepare_streams() -> None:
    """Make standard output ready for any name and any screen: letters it cannot show are written as codes, a screen narrower
    than `NARROWEST` (or one that says 0) is taken for that wide.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    columns = shutil.get_terminal_size().columns
    if columns < NARROWEST or os.environ.get("COLUMNS", "").strip() == "0":
        os.environ["COLUMNS"] = str(max(columns, NARROWEST))
