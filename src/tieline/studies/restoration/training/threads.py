"""Threads for JAX on machines with few cores."""

from __future__ import annotations

import os

ENOUGH = "8"
"""With two threads, as on two cores, one program waits in a pool for parts of itself that find no free thread there: seen as a
training that stands still. Eight do not compute more at once, since the cores are the same."""


def allow_waiting_threads() -> None:
    """Let JAX have more threads than cores; to be called before anything is computed."""
    # the name that XLA reads the size of its pool from
    os.environ.setdefault("NPROC", ENOUGH)
