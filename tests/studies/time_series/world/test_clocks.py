"""Banks that a clock switches: by day, over midnight, and in a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import CapacitorControl
from tieline.studies import run_study
from tieline.studies.time_series.world.clocks import clock_schedule, without_clocks

HOURS = pd.date_range("2025-01-01", periods=24, freq="1h", tz="UTC")


def clocked(on_hour: float, off_hour: float) -> Feeder:
    feeder = load_feeder("ieee13")
    bank = feeder.capacitors[0]
    line = feeder.lines[0].name
    clock = CapacitorControl("c", bank.name, "time", line, 1, on_hour, off_hour)
    return feeder.replace(
        capacitors=(replace(bank, steps_on=0), *feeder.capacitors[1:]),
        capacitor_controls=(clock,),
    )


@pytest.mark.parametrize(
    ("on_hour", "off_hour", "hours_in"),
    [(7.0, 20.0, range(7, 20)), (20.0, 6.0, [*range(20, 24), *range(6)])],
)
def test_in_between_its_hours(
    on_hour: float, off_hour: float, hours_in: list[int]
) -> None:
    schedule = clock_schedule(clocked(on_hour, off_hour), HOURS)
    assert np.flatnonzero(schedule[:, 0] == 1).tolist() == sorted(hours_in)
    assert np.isnan(schedule[:, 1:]).all()


def test_without_clocks_nothing_of_them_is_left() -> None:
    assert without_clocks(clocked(7.0, 20.0)).capacitor_controls == ()


def test_a_day_switches_it_in_and_out() -> None:
    feeder = clocked(7.0, 20.0)
    result = run_study("time-series", feeder=feeder, days=2)
    name = feeder.capacitors[0].name
    steps_in = result.tables["positions"][f"{name}_steps"].to_numpy()
    assert steps_in.reshape(2, 24)[1].tolist() == [0] * 7 + [1] * 13 + [0] * 4
    assert result.number("capacitor_switchings") == 4
