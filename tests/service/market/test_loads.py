"""Loads from measurements."""

from __future__ import annotations

import math

import pytest

from tieline.service.market.loads import loads_of
from tieline.service.market.measured import (
    Measured,
    check_measured,
    measured_buses,
)


def test_a_meter_takes_what_is_beyond_the_schedule(stage) -> None:
    (load,) = stage.loads_at["2"]
    meter = stage.meter_at["2"]
    scheduled_kw = stage.hourly_kw[0, load]
    loads = loads_of(stage, [Measured("2", scheduled_kw + 400.0)], 0.0)
    assert loads.p_kw[load] == scheduled_kw
    assert loads.p_kw[meter] == pytest.approx(400.0)
    assert (loads.p_kw - loads.schedule_kw).sum() == pytest.approx(400.0)


def test_a_load_keeps_the_power_factor_of_its_schedule(stage) -> None:
    (load,) = stage.loads_at["7"]
    twice_kw = 2 * stage.hourly_kw[0, load]
    loads = loads_of(stage, [Measured("7", twice_kw)], 0.0)
    assert loads.q_kvar[load] == pytest.approx(2 * stage.hourly_kvar[0, load])
    stated = loads_of(stage, [Measured("7", twice_kw, 3.0)], 0.0)
    assert stated.q_kvar[load] == 3.0


def test_what_cannot_be_used_is_told_together(stage) -> None:
    rows = [Measured("nowhere", 1.0), Measured("2", math.nan), Measured("2", 1.0)]
    findings = check_measured({"2", "7"}, rows)
    assert len(findings) == 3


def test_buses_with_loads_or_meters_may_be_measured(stage) -> None:
    """What the web process takes at the door is what the market counts."""
    buses = measured_buses(stage.definition.as_values())
    assert buses == {*stage.loads_at, *stage.meter_at}
