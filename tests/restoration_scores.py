"""The bound of one draw, made up for tests of the benchmark of load restoration."""

from __future__ import annotations

from tieline.bench.restoration.horizons import HorizonScore

SCORE = HorizonScore(
    island="ieee36",
    scenario="short15",
    who="bound",
    policy=-1,
    draw=0,
    steps=24,
    objective=1000.0,
    restored_kwh=1100.0,
    restored_pct=90.0,
    shed_kwh=0.0,
    gap_pct=None,
    first_step_pct=60.0,
    full_step=-1,
    blackout_steps=0,
    violations=None,
    touched=None,
    decision_ms=None,
    horizon_s=None,
)
