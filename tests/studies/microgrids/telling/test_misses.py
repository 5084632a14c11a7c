"""Misses of a step: those that the replay names, beyond what a meter can read."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.cases import make_day
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.telling.misses import (
    NOTICED,
    branch_miss_of_steps,
    violations_of_steps,
    voltage_miss_of_steps,
)
from tieline.studies.microgrids.ways.closed_loop import play
from tieline.studies.microgrids.ways.merit import time_of_use_wish


def test_misses_are_those_of_the_replay(plant: Plant) -> None:
    day = make_day(plant, MicrogridsConfig(step_minutes=60))
    replay = play(plant, day, time_of_use_wish(plant, day)).applied.replay
    counts = np.zeros(24, dtype=int)
    worst_pu = 0.0
    worst_share = 0.0
    for one in replay.violations:
        if one.unit == "pu":
            miss = abs(one.value - one.limit)
            worst_pu = max(worst_pu, miss)
        else:
            miss = one.value / one.limit - 1
            worst_share = max(worst_share, miss)
        counts[one.step] += miss > NOTICED
    assert counts.sum() > 100
    np.testing.assert_array_equal(violations_of_steps(replay), counts)
    assert voltage_miss_of_steps(replay).max() == pytest.approx(worst_pu)
    assert branch_miss_of_steps(replay).max() == pytest.approx(worst_share)
