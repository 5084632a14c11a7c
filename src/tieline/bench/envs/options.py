"""What the benchmark of the environments can be asked: nothing, the tasks are measured as they come."""

from __future__ import annotations

from tieline.bench.kit.options import BenchOptions


class Options(BenchOptions):
    """No options."""
