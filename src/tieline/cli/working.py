"""A line on the screen that says what a command is at, where no steps can be counted: reading, solving, compiling.

It stands on standard error while that is a terminal, and goes when the work is done: a file or a log gets nothing of it.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tieline.cli.screen import screen

COMPILING = "compiling the solver, once on this machine"
WRITING = "writing tables and report"


@contextmanager
def working(text: str, is_silent: bool = False) -> Iterator[None]:
    """Show what is done while it is done; where kernels are compiled, that."""
    # a plain solve into a file must not load what draws the line
    if is_silent or not sys.stderr.isatty():
        yield
        return
    with (
        screen(file=sys.stderr).status(text) as status,
        compiling_told(lambda: status.update(f"{text}: {COMPILING}")),
    ):
        yield


@contextmanager
def compiling_told(tell: Callable[[], None]) -> Iterator[None]:
    """Call `tell` for each kernel that is compiled meanwhile."""
    handler = _Compiling(tell)
    log = logging.getLogger("tieline.kernels")
    level = log.level
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


class _Compiling(logging.Handler):
    """Passes on that a kernel is compiled."""

    def __init__(self, tell: Callable[[], None]):
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Any message of that logger says so."""
        self._tell()
