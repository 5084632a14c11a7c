"""A second process that compiles kernels beside this one where none are compiled yet: the first power flow after installation.

What either has compiled the other loads from disk; what one is compiling the other waits for (`kernel.claims`). Commands start it
(`allow_second_process`); Python code never does, since its user asked for no process. It ends with this one, and what it fails to
compile this one compiles itself.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, Any, Literal

from tieline.powerflow.kernel.claims import share_claims

Plan = Literal["acting", "resting"]
"""What is compiled: a power flow whose controls act, or one without."""

MODULE = "tieline.powerflow.compile_ahead"
LONGEST_END_S = 2.0
"""Wait for the end of the other process, which finishes the file that it writes."""


@dataclass(frozen=True)
class _Shared:
    """The other process, and the file of the claims."""

    process: subprocess.Popen[bytes]
    claims: IO[bytes]


_is_allowed = False
_shared: _Shared | None = None


def allow_second_process() -> None:
    """Let the first power flow of this process start one."""
    global _is_allowed
    _is_allowed = importlib.util.find_spec("fcntl") is not None and _n_cores() > 1


def share_compiling(kernel: Any, plan: Plan) -> None:
    """Start the second process where that is allowed and pays.

    Args:
        kernel: the compiled function that is about to run. If it is on disk, so is the rest.
        plan: what the other process is to compile.
    """
    global _is_allowed, _shared
    if not _is_allowed:
        return
    _is_allowed = False  # one process, once
    cache = getattr(kernel, "_cache", None)
    if hasattr(cache, "is_empty") and cache.is_empty():
        _shared = _start(plan)


def _start(plan: Plan) -> _Shared | None:
    claims = tempfile.TemporaryFile()
    command = [sys.executable, "-P", "-m", MODULE, plan, str(claims.fileno())]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[claims.fileno()],
        )
    except OSError:
        return None
    share_claims(claims.fileno())
    return _Shared(process, claims)


def _n_cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
