"""Forecasts of a day: the present is known, errors grow ahead, and without errors nothing changes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.profiles.config import ForecastConfig
from tieline.reports.html import Table
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.report import report
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.foresight import foresee
from tieline.studies.config import make_config
from tieline.studies.result import Result
from tieline.studies.shell import run_study

run = partial(run_study, "battery", None)

EXACT = ForecastConfig(load_spread=0, sun_spread=0, price_spread=0)
HOURLY = BatteryConfig(step_minutes=60, bound="off")
DRAWN = HOURLY.model_copy(update={"forecast": "drawn", "scenarios": 5})


@pytest.fixture(scope="module")
def as_expected() -> Result:
    """Five days on forecasts, planned as expected."""
    return run(DRAWN)


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


def test_errors_leave_violations_and_the_result_says_what_was_known(
    as_expected: Result,
) -> None:
    result = as_expected
    assert 0 < result.number("violations_csocc") < result.number("violations_none")
    assert any(
        "Far ahead forecasts err by 10% of each load" in text
        for text in result.warnings
    )
    again = run(DRAWN)
    assert again.metrics | {"decision_ms": 0} == result.metrics | {"decision_ms": 0}
    once = run(DRAWN.model_copy(update={"coordinate_every_h": 24.0}))
    assert result.number("violations_csocc") <= once.number("violations_csocc")


def test_cooperation_may_plan_below_the_limit() -> None:
    plain, cautious = run(HOURLY), run(HOURLY.model_copy(update={"margin_pu": 0.002}))
    assert plain.number("v_max_pu_csocc") <= 1.045
    assert cautious.number("v_max_pu_csocc") <= 1.043
    # judged by the limit itself
    assert cautious.number("violations_none") == plain.number("violations_none")


def test_a_plan_at_risk_sees_more_surplus_and_is_passed_as_often_as_accepted() -> None:
    config = HOURLY.model_copy(update={"forecast": "drawn"})
    day = next(make_days(load_feeder("ieee33"), config))
    morning = 5
    passed = []
    for number in range(400):
        ahead = foresee(day, config, number).after(morning)
        planned = ahead.at_risk(12, 0.1).day
        believed = ahead.as_believed(12).day
        assert planned.sun_pu[0] == believed.sun_pu[0]
        assert (planned.sun_pu >= believed.sun_pu).all()
        assert planned.sun_pu.max() <= 1.0
        passed.append(day.sun_pu[morning : morning + 12] > planned.sun_pu)
        # loads: 10 % below what is expected, less as the time comes nearer
        share = planned.load_kw[1:] / believed.load_kw[1:]
        assert share[-1].max() < share[0].min() < 1
        assert (planned.price == believed.price).all()
    # where the cap does not bind, in the morning: three standard deviations of 400 draws
    often = np.mean(passed, axis=0)[1:4]
    assert often == pytest.approx(0.1, abs=0.045)


def test_a_known_day_is_planned_as_it_is() -> None:
    day = next(make_days(load_feeder("ieee33"), HOURLY))
    known = foresee(day, HOURLY, 0)
    assert (known.at_risk(24, 0.05).day.sun_pu == day.sun_pu).all()


def test_a_chance_constrained_plan_leaves_fewer_violations_than_the_expected_one(
    as_expected: Result,
) -> None:
    cautious = run(DRAWN.model_copy(update={"plan": "chance-constrained"}))
    plain = as_expected
    known = run(DRAWN.model_copy(update={"forecast": "perfect"}))
    # the same days stand beside it, planned as expected and known ahead
    for name in ("violations", "cost_usd", "v_max_pu", "bought_kwh"):
        beside = cautious.metrics[f"{name}_csocc_expected"]
        assert beside == pytest.approx(plain.metrics[f"{name}_csocc"])
        beside = cautious.metrics[f"{name}_csocc_known"]
        assert beside == pytest.approx(known.metrics[f"{name}_csocc"])
    left = cautious.number("violations_csocc")
    assert left < plain.number("violations_csocc") / 2
    idle = cautious.number("violations_none")
    assert cautious.number("violations_left_pct") == pytest.approx(100 * left / idle)
    assert cautious.metrics["violations_unavoidable"] == 0
    (section,) = [
        section
        for section in report(cautious).sections
        if section.title == "What the forecast leaves"
    ]
    table = next(block for block in section.blocks if isinstance(block, Table))
    assert table.frame["plan"].tolist() == [
        "chance-constrained, risk 5 %",
        "planned as expected",
        "day known ahead",
    ]
    assert table.frame["violations"].tolist()[0] == left
    cases = cautious.tables["schedules"].groupby("case")["lent_kw"].sum()
    assert cases["csocc_known"] > 0


def test_room_against_no_error_is_refused() -> None:
    with pytest.raises(InputError, match="give --forecast drawn"):
        make_config(BatteryConfig, {"plan": "chance-constrained"})
