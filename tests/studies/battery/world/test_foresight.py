"""Forecasts of a day: the present is known, errors grow ahead, and without errors nothing changes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.profiles.config import ForecastConfig
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.foresight import foresee
from tieline.studies.shell import run_study

run = partial(run_study, "battery", None)

EXACT = ForecastConfig(load_spread=0, sun_spread=0, price_spread=0)
HOURLY = BatteryConfig(step_minutes=60, bound="off")


def test_the_present_is_known_and_errors_grow_ahead() -> None:
    config = HOURLY.model_copy(update={"forecast": "drawn"})
    day = next(make_days(load_feeder("ieee33"), config))
    beliefs = [foresee(day, config, number).at(6) for number in range(200)]
    for belief in beliefs[:3]:
        assert belief.times[0] == day.times[6]
        assert belief.price[0] == pytest.approx(day.price[6])
        assert belief.load_kw[0] == pytest.approx(day.load_kw[6])
        assert belief.sun_pu.max() <= 1.0
    error = np.log([belief.price / day.price[6:] for belief in beliefs]).std(axis=0)
    assert error[0] < error[1] < error[3] < error[12]
    # the spread of prices far ahead
    assert error[12:].mean() == pytest.approx(0.30, rel=0.1)


def test_a_forecast_without_errors_is_knowledge() -> None:
    known = run(HOURLY)
    exact = HOURLY.model_copy(update={"forecast": "drawn", "forecasts": EXACT})
    drawn = run(exact.model_copy(update={"coordinate_every_h": 24.0}))
    for name in (
        "violations_csocc",
        "cost_usd_csocc",
        "cost_usd_mpc",
        "required_energy_kwh",
        "reverse_kwh_critical_csocc",
    ):
        assert drawn.number(name) == pytest.approx(known.number(name), abs=1e-6)
    again = run(exact)  # decided anew every hour, with what is stored and lent by then
    assert again.number("violations_csocc") == 0
    assert again.number("cost_usd_csocc") == pytest.approx(
        known.number("cost_usd_csocc"), rel=0.01
    )


def test_errors_leave_violations_and_the_result_says_what_was_known() -> None:
    result = run(HOURLY.model_copy(update={"forecast": "drawn", "scenarios": 5}))
    assert 0 < result.number("violations_csocc") < result.number("violations_none")
    assert any(
        "Far ahead forecasts err by 10% of each load" in text
        for text in result.warnings
    )
    again = run(HOURLY.model_copy(update={"forecast": "drawn", "scenarios": 5}))
    assert again.metrics | {"decision_ms": 0} == result.metrics | {"decision_ms": 0}
    once = run(
        HOURLY.model_copy(
            update={"forecast": "drawn", "scenarios": 5, "coordinate_every_h": 24.0}
        )
    )
    assert result.number("violations_csocc") <= once.number("violations_csocc")


def test_cooperation_may_plan_below_the_limit() -> None:
    plain, cautious = run(HOURLY), run(HOURLY.model_copy(update={"margin_pu": 0.002}))
    assert plain.number("v_max_pu_csocc") <= 1.045
    assert cautious.number("v_max_pu_csocc") <= 1.043
    # judged by the limit itself
    assert cautious.number("violations_none") == plain.number("violations_none")
