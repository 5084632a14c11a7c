"""The machine in words, for the record beside timings and answers."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe_machine() -> str:
    """Processor, threads and system in one line."""
    # asked for beside answers only, when it is loaded already
    from numba import (
        get_num_threads,
    )

    threads = (
        f"{os.cpu_count()} x {platform.machine()}, {get_num_threads()} threads used"
    )
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{processor_name()} ({threads}), {system}"


def processor_name() -> str:
    """Name of the processor as the operating system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [
        line.partition(":")[2].strip()
        for line in lines
        if line.startswith("model name")
    ]
    if names:
        return names[0]
    return platform.processor() or platform.machine()
