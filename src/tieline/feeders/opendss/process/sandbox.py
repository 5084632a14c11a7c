"""Giving up rights before a file is read: no writing, no other program, no network, no further library, bounded memory.

Two mechanisms of the Linux kernel do it twice over: Landlock (5.13 and later) closes the file system for writing, and a filter of
system calls (seccomp, on x86-64 and ARM64) lets through only what reading needs. Where they are missing, resource limits remain:
a written file cannot grow, and on most systems no process can be started.
"""

from __future__ import annotations

import sys

from tieline.feeders.opendss.process.landlock import forbid_writing
from tieline.feeders.opendss.process.seccomp import allow_reading_only

if sys.platform != "win32":
    import resource

MEMORY_LIMIT = 8 << 30
"""Bytes of address space. The 8500-node feeder takes 0.3 GB, so this is room for some 200,000 nodes."""


def give_up_rights() -> None:
    """Keep this process from doing anything but reading and answering; cannot be undone."""
    if sys.platform == "win32":
        return
    # in this order: once the filter of system calls stands, it refuses what the others need
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit_memory()
    if sys.platform == "linux":
        forbid_writing()
        allow_reading_only()


def _limit_memory() -> None:
    """Bound the address space, where the system heeds that (macOS does not)."""
    if sys.platform == "darwin":
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    # below zero is no limit; a lower one of the caller's cannot be raised
    bound = MEMORY_LIMIT if most < 0 else min(MEMORY_LIMIT, most)
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _limit(what: int, bound: int) -> None:
    resource.setrlimit(what, (bound, bound))
