"""A measurement made up for the tests of the page and the figure: round numbers, no clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tieline.bench.powerflow.cold_start import ColdStart
from tieline.bench.powerflow.measurement import Case, Load, Measurement, Speed
from tieline.bench.powerflow.precision import SinglePrecision

LOAD = Load(
    executed_iterations=4.0,
    flops=1000.0,
    cache_bytes=4000.0,
    memory_bytes=100.0,
    workspace_bytes=30_000,
    gflops=10.0,
    cache_gb_s=40.0,
    memory_gb_s=1.0,
    peak_gflops=100.0,
    peak_cache_gb_s=200.0,
    peak_memory_gb_s=50.0,
)

IEEE33 = Case(
    name="ieee33",
    feeder="ieee33",
    n_nodes=33,
    scenarios=60_000,
    iterations=3.2,
    speeds=(
        Speed("tieline", 3e6, 1.0, 0.0, 60_000),
        Speed("power-grid-model", 1e5, 30.0, 2e-9, 12_000),
    ),
    left_out={"opendss": "opendssdirect.py is not installed (extra 'bench')"},
    load=LOAD,
    by_threads={1: 1.6e6, 2: 3e6},
    by_batch={1: 3e3, 256: 3e5, 60_000: 3e6},
    single=SinglePrecision(3e-8, 2e-6),
)

IEEE123 = replace(
    IEEE33,
    name="ieee123",
    feeder="ieee123",
    speeds=(Speed("tieline", 4e5, 1.0, 0.0, 7000), Speed("opendss", 4e3, 100.0, 1e-9, 20)),
    left_out={},
    load=replace(LOAD, cache_gb_s=120.0, gflops=30.0, workspace_bytes=300_000),
    single=SinglePrecision(4e-8, 1.0),
)

ACTING = replace(
    IEEE123,
    name="ieee123, regulators acting",
    iterations=9.6,
    speeds=(Speed("tieline", 4e4, 1.0, 0.0, 900), Speed("opendss", 4e3, 10.0, 1e-9, 16)),
    load=None,
    single=None,
)


@pytest.fixture
def measurement() -> Measurement:
    return Measurement(
        machine="a processor",
        versions={"tieline": "0.1", "pandapower": "not installed"},
        command="tieline bench powerflow",
        seed=0,
        tolerance=1e-8,
        cases=(IEEE33, IEEE123, ACTING),
        cold_start=ColdStart(0.02, 0.2, 0.05, 0.9, 31.0),
    )
