"""Days that cannot begin are refused, with the limits that stand in the way."""

from __future__ import annotations

import re

import pytest

from tieline import load_feeder
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.errors import InputError, NoAnswerError
from tieline.studies.microgrids.cases import make_day, make_days
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.start import require_start

pytest.importorskip("casadi")

PEAK = MicrogridsConfig(case="peak-window")


def test_a_day_that_only_cares_can_begin(plant: Plant) -> None:
    """At 19 h limits bind, and set-points that keep them are not those of rest."""
    require_start(plant, make_day(plant, PEAK))


def test_limits_that_nothing_keeps_are_named() -> None:
    config = PEAK.model_copy(update={"lowest_pu": 1.02})
    plant = make_plant(load_feeder("ieee33-microgrids"), config)
    with pytest.raises(NoAnswerError, match=r"cannot begin .* at 19 h") as refused:
        require_start(plant, make_day(plant, config))
    # by the optimum with slacks: bus 32 is lowest
    needed = re.search(r"lowest voltage at 32\.1 1\.02 -> (\S+) pu", str(refused.value))
    assert needed is not None
    assert float(needed[1]) == pytest.approx(0.968, abs=5e-4)


def test_a_window_beyond_the_data_is_refused_before_anything_runs(plant: Plant) -> None:
    config = MicrogridsConfig(case="paper-window", window_steps=5)
    with pytest.raises(InputError, match=r"5 steps looks beyond the data: .* has 4"):
        make_days(plant, config)
