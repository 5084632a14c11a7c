"""A second process that compiles kernels beside this one where none are compiled yet: the first power flow after installation.

What either has compiled the other loads from disk; what one is compiling the other waits for (`kernel.claims`). Commands start it
(`allow_second_process`). Python code never does unless it asks, since its user may not want processes. It ends with this one, and
what it fails to compile this one compiles itself.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from typing import Any, Literal

from tieline.powerflow.kernel.claims import share_claims
from tieline.powerflow.kernel.kernel_cache import LateCache

Plan = Literal["acting", "resting"]
"""What is compiled: a power flow whose controls act, or one without."""

MODULE = "tieline.powerflow.compile_ahead"
LONGEST_END_S = 2.0
"""Wait at the end of this process for that of the other, which finishes the file that it writes."""

_asker = 0
"""The process that may start another: those that are forked from it may not."""


def allow_second_process() -> None:
    """Let the first power flow of this process start one, where there are processors for two and files can be locked."""
    global _asker
    if _n_processors() > 1 and importlib.util.find_spec("fcntl") is not None:
        _asker = os.getpid()


def share_compiling(kernel: Any, plan: Plan) -> None:
    """Start the second process where that is allowed and pays.

    Args:
        kernel: the compiled function that is about to run. If it is on disk, so is most of what follows.
        plan: what the other process is to compile.
    """
    global _asker
    if _asker != os.getpid():
        return
    _asker = 0  # one process, once
    # a plain function, where nothing is to be compiled, has no cache
    cache = getattr(kernel, "_cache", None)
    if isinstance(cache, LateCache) and cache.lacks_kernels():
        with suppress(OSError):
            _start(plan)


def _start(plan: Plan) -> None:
    """Start it, with a file for claims that has no name and goes with the last process that holds it open."""
    claims, path = tempfile.mkstemp(prefix="tieline-claims-")
    os.unlink(path)
    process = subprocess.Popen(
        # -P: no module is taken from the folder in which the user happens to be
        [sys.executable, "-P", "-m", MODULE, plan, str(claims)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[claims],
    )
    share_claims(claims)
    atexit.register(_end, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close what the other process reads from, which ends it."""
    assert process.stdin is not None
    process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(LONGEST_END_S)


def _n_processors() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
