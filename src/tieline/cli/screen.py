"""The screen as every command writes to it: letter by letter what it is given, in lines of a width that can be read.

Names come from users and may hold anything; nothing of them is taken for markup, emoji codes or colours.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from typing import Any

NARROWEST = 40
"""Letters of the narrowest line in which help and tables are set: below, a word takes many lines, and setting them minutes."""


def screen(**options: Any) -> Any:
    """A rich `Console` on standard output, or on what `options` say."""
    from rich.console import Console
    from rich.text import Text

    from tieline.cli.words import Words

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            """Leave it to the caller that nobody reads any more; rich would end the process."""
            raise

        def render_str(self, *text: Any, **style: Any) -> Text:
            """A text as what is measured and printed."""
            return Words.of(super().render_str(*text, **style))

        def render(self, renderable: Any, options: Any = None) -> Any:
            """What is printed of anything; sentences come as plain texts."""
            if type(renderable) is Text:
                renderable = Words.of(renderable)
            return super().render(renderable, options)

    return Screen(markup=False, emoji=False, highlight=False, **options)


def prepare_streams() -> None:
    """Make standard output ready for any name and any screen: letters it cannot show are written as codes, a screen narrower
    than `NARROWEST` (or one that says 0) is taken for that wide.
    """
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    columns = shutil.get_terminal_size().columns
    if columns < NARROWEST or os.environ.get("COLUMNS", "").strip() == "0":
        os.environ["COLUMNS"] = str(max(columns, NARROWEST))


def _open_closed_streams() -> None:
    """Give a stream that the caller closed a place to write to: else the next file that is opened would take its number."""
    for number, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w"))
