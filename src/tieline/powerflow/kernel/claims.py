"""A function is compiled by one process while another waits for it: claims of two processes that compile side by side.

A claim is a lock on one byte of a file that both hold open. The system frees it with the end of the process that holds it,
however that ends. Who compiles a function holds its claim while it compiles what that calls; no function is called by one that it
calls, so no two processes wait for each other.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S = 60.0
"""A process that hangs is not waited for any longer: the function is then compiled twice, to the same code."""

LOOKS_PER_S = 200

_file: int | None = None


def share_claims(file: int) -> None:
    """From now on claim functions in an open file, as the other process does, which has it open too."""
    global _file
    _file = file


@contextmanager
def claimed(function: str) -> Iterator[None]:
    """Hold the claim to a function, by a name that no other has; nothing happens while no file is shared."""
    if _file is None:
        yield
        return
    import fcntl  # not on every system, which then shares no file

    place = _place(function)
    _lock(_file, place)
    try:
        yield
    finally:
        fcntl.lockf(_file, fcntl.LOCK_UN, 1, place)


def _place(function: str) -> int:
    """The byte that stands for a function."""
    digest = hashlib.sha256(function.encode()).digest()
    # locks reach as far as a signed file offset of 64 bits
    return int.from_bytes(digest[:7])


def _lock(file: int, place: int) -> None:
    """Lock a byte, or give up after `PATIENCE_S`."""
    import fcntl

    latest_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < latest_s:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            return
        except OSError:  # the other one's
            time.sleep(1 / LOOKS_PER_S)
