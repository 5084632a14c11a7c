"""How the processes of a test run share the cores: read from the environment, so set before NumPy and JAX are imported."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

KEPT_PROGRAMS = Path(__file__).parents[1] / ".pytest_cache" / "jax"

FOR_SHORT_RUNS: Mapping[str, str] = {
    # two processes test side by side: a second thread in each waits, at full speed, for the first of the other
    "OPENBLAS_NUM_THREADS": "1",
    # a training of a test computes for a second and is compiled for ten: what XLA does for speed is left out
    "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false",
    # what one test has compiled the next one reads, and so does the next run
    "JAX_COMPILATION_CACHE_DIR": str(KEPT_PROGRAMS),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0",
}
"""Variable of the environment -> its value for tests, which hold as in long runs; processes that tests start inherit them."""


def prepare_short_runs() -> None:
    """What whoever starts the tests has set stays."""
    for name, value in FOR_SHORT_RUNS.items():
        os.environ.setdefault(name, value)
