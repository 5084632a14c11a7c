"""The section about learning on the hour itself: rewards beside the optimum, generators beside their limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tieline import Result
from tieline.reports.html import Figure
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.telling.sections.lessons import lessons

PEAK = MicrogridsConfig(case="peak-window")


LEARNED = {"day": -1, "decider": "learned", "policy": -1}
CURVE = pd.DataFrame(
    {
        "update": [0, 1, 2],
        "reward": [-90.0, -87.0, -85.6],
        **{f"generator_kw_{k}": [300.0, 298.0, 299.0] for k in range(1, 5)},
    }
)
"""As `training.one_window` tells it."""


def test_rewards_and_generators_stand_there_by_update(peak_hour: Result) -> None:
    curve = CURVE.assign(**LEARNED)
    # a decider has rows in all tables, here those of another
    steps = peak_hour.tables["steps"]
    learned = steps[steps["decider"] == "central"].assign(decider="learned")
    tables = {
        **peak_hour.tables,
        "steps": pd.concat([steps, learned]),
        "lessons": curve,
    }
    (section,) = lessons(replace(peak_hour, tables=tables), PEAK)
    rewards, generators = section.blocks
    assert isinstance(rewards, Figure)
    assert isinstance(generators, Figure)
    (line,) = [trace for trace in traces(rewards) if trace.name]
    assert line.name == "learned on this window"
    np.testing.assert_array_equal(line.y, curve["reward"])
    # the optimum of the hour, dashed
    figure: Any = rewards.figure
    assert figure.layout.shapes[0].y0 == pytest.approx(-85.52, rel=2.5e-3)
    names = [trace.name for trace in traces(generators)]
    assert names == ["step 1", "step 2", "step 3", "step 4"]
    figure = generators.figure
    assert figure.layout.shapes[0].y0 == 300.0


def test_where_nobody_learned_there_is_no_section(peak_hour: Result) -> None:
    assert lessons(peak_hour, PEAK) == []


def traces(block: Figure) -> list[Any]:
    """Lines of a figure."""
    figure: Any = block.figure
    return list(figure.data)
