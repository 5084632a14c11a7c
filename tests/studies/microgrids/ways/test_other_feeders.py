"""A plant of another kind: three phases, regulators, one device of each kind in each village."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from low_voltage_files import write_low_voltage_files
from villages import villages_on_ieee123

from tieline import run_study
from tieline.envs.microgrids.day import problem_of
from tieline.envs.microgrids.plant import make_plant
from tieline.studies.microgrids.cases import make_day
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.central import central_at_once
from tieline.studies.microgrids.ways.closed_loop import play
from tieline.studies.microgrids.ways.merit import merit_wish

pytest.importorskip("casadi")


def test_a_feeder_of_three_phases_runs_the_same_questions():
    # a band that merit order keeps too, which looks at no limit
    config = MicrogridsConfig(case="peak-window", window_steps=2, highest_pu=1.06)
    plant = make_plant(villages_on_ieee123(), config)
    assert [one.name for one in plant.microgrids] == ["v47", "v76", "v300"]
    day = make_day(plant, config)
    best = central_at_once(plant, day)
    assert not best.replay.violations
    assert best.cost.shape == (2, 3)
    merit = play(plant, day, merit_wish(plant, day)).applied
    assert not merit.replay.violations
    assert best.total - best.stored_gain <= merit.total - merit.stored_gain + 1e-3


def test_controls_come_to_rest_before_or_stay_as_they_are():
    feeder = villages_on_ieee123()
    taps = {}
    for controls in ("hold", "off"):
        config = MicrogridsConfig(case="peak-window", controls=controls)  # type: ignore[arg-type]
        plant = make_plant(feeder, config)
        taps[controls] = problem_of(plant, make_day(plant, config)).taps
    assert not np.array_equal(taps["hold"], taps["off"])


def test_three_low_voltage_networks_from_a_users_files(tmp_path: Path):
    """Single phases, several devices in one microgrid and none of a kind in another: the same run, from one TOML."""
    result = run_study(
        "microgrids",
        feeder=str(write_low_voltage_files(tmp_path)),
        case="peak-window",
        window_steps=2,
        highest_pu=1.06,
        deciders=("central", "merit", "merit-safe"),
    )
    assert result.metrics["violations_central"] == 0
    assert result.number("violations_merit") > 0
    assert result.metrics["violations_merit_safe"] == 0
    assert result.metrics["violations_local_merit_safe"] == 0
    assert result.number("cost_gap_pct_merit_safe") > 0
    highest_kw = result.tables["microgrids"].groupby("microgrid").generator_kw.max()
    assert highest_kw.loc["shops"] == 0
    assert highest_kw.loc["homes"] > 60
