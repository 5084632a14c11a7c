"""Learning the evening peak: with all limits the reward of the central optimum, without them limits are broken."""

from __future__ import annotations

import pytest

from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.cases import make_day
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.training.config import LearnerConfig
from tieline.studies.microgrids.training.one_window import WindowLesson, learn_window

SHORT = LearnerConfig(updates=15, plain_windows=16)
OPTIMUM = -85.52
"""Of the hour from 19 h on with all limits, by the central optimum [USD]."""


def lesson(plant: Plant, scope: str) -> WindowLesson:
    """Fifteen updates."""
    day = make_day(plant, MicrogridsConfig(case="peak-window"))
    return learn_window(plant, day, SHORT, 0, scope, (0, 1))  # type: ignore[arg-type]


def test_with_all_limits_the_central_optimum_is_reached(plant: Plant) -> None:
    learned = lesson(plant, "all")
    steps = [f"generator_kw_{k}" for k in range(1, 5)]
    columns = ["update", "reward", "worst_tail", "divergence", *steps]
    assert list(learned.curve) == columns
    reward = learned.curve["reward"]
    assert reward.iloc[-1] == pytest.approx(OPTIMUM, rel=1e-3)
    # the merit plan, from which it starts, breaks voltages
    assert learned.curve["worst_tail"].iloc[0] > 0.3
    assert learned.curve["worst_tail"].iloc[-1] < 0.01
    assert learned.done.der_kw[..., plant.generator_ders].max() <= 300.0


def test_without_limits_in_some_only_these_pass_them(plant: Plant) -> None:
    learned = lesson(plant, "some")
    power_kw = learned.done.der_kw[0, :, plant.generator_ders]
    assert (power_kw[:2] > 320.0).all()
    assert (power_kw[2:] <= 300.0).all()
    assert learned.curve["reward"].iloc[-1] > OPTIMUM + 3.0
