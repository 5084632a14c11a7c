"""A small island as a file of one's own, and a run of it, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline import Result, run_study

ISLAND = """
feeder = "ieee33"
open = ["branch_25"]

[[droop_unit]]
name = "droop"
buses = ["26"]
p_max_kw = 600.0
q_max_kvar = 600.0
ramp_kw_per_h = 1200.0
fuel_kwh = 500.0
q_set_kvar = 200.0
v_droop_pu_per_mvar = 0.05
f_set_hz = 50.0
p_set_kw = 300.0
f_droop_hz_per_mw = 1.0

[[microturbine]]
name = "turbine"
buses = ["30"]
p_max_kw = 300.0
q_max_kvar = 200.0
ramp_kw_per_h = 400.0
fuel_kwh = 300.0

[[battery]]
name = "battery"
buses = ["33"]
p_max_kw = 100.0
q_max_kvar = 100.0
energy_kwh = 200.0

[[renewable]]
name = "sun"
buses = ["28"]
p_max_kw = 200.0
q_max_kvar = 100.0
available = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 0.9, 0.8]

[[load_weight]]
weight = 5.0
buses = ["31", "32", "33"]
"""
"""Of the 33-bus feeder behind its bus 26: a droop unit, a turbine, a battery and sun, for two hours."""

DECIDERS = ("bound", "mpc-4", "mpc-corrected", "mpc-paper", "hold")


@pytest.fixture(scope="session")
def island_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The island."""
    path = tmp_path_factory.mktemp("island") / "small.toml"
    path.write_text(ISLAND)
    return path


@pytest.fixture(scope="session")
def run(island_file: Path) -> Result:
    """Two scenarios, one with three draws, five who decide."""
    pytest.importorskip("clarabel")
    return run_study(
        "restoration",
        feeder=island_file,
        steps=8,
        scenarios=("short30", "random"),
        draws=3,
        deciders=DECIDERS,
    )
