"""What a request would take, asked before any work is done: what cannot be held or would not end is refused, with both numbers.

An estimate counts what must be there and leaves out the rest, so that no request that could be answered is refused.
"""

from __future__ import annotations

import os
from pathlib import Path

from tieline.errors import InputError

MOST_POWER_FLOWS = 10**10
"""Nearly six days at 20,000 power flows a second, which a small feeder reaches on a common machine."""

BYTES = 8
"""Of a number in an array."""

CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Where Linux says how much memory a container has; "max" where it has no limit of its own."""

GB = 1e9


def require_memory(what: str, asked_bytes: float, remedy: str) -> None:
    """Refuse what this machine cannot hold.

    Args:
        what: what is asked for, as the subject of a sentence in the plural.
        asked_bytes: what it takes at least.
        remedy: what to change.

    Raises:
        InputError: if it takes more than there is.
    """
    limit = memory_bytes()
    if limit is not None and asked_bytes > limit:
        raise InputError(
            f"{what} take at least {asked_bytes / GB:,.3g} GB of memory; there are {limit / GB:,.3g} GB. {remedy}"
        )


def require_power_flows(what: str, count: float, remedy: str) -> None:
    """Refuse what would not end.

    Args:
        what: what is asked for, as the subject of a sentence in the plural.
        count: power flows that it takes at least.
        remedy: what to change.

    Raises:
        InputError: if there are more than `MOST_POWER_FLOWS`.
    """
    if count > MOST_POWER_FLOWS:
        raise InputError(
            f"{what} take at least {count:.3g} power flows; the limit is {MOST_POWER_FLOWS:.0e}. {remedy}"
        )


def memory_bytes() -> int | None:
    """Memory of this machine or container; None where the system does not say."""
    sizes = [size for size in (_of_machine(), _of_container()) if size is not None]
    return min(sizes, default=None)


def _of_machine() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (
        AttributeError,
        ValueError,
        OSError,
    ):
        # Windows, or a system that does not know
        return None


def _of_container() -> int | None:
    try:
        return int(CONTAINER_LIMIT.read_text(encoding="ascii"))
    except (OSError, ValueError):  # no container, or "max"
        return None
