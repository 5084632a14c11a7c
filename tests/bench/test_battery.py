"""The benchmark of battery control gives the rows it promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tieline.bench.battery.cases import Cases, goals
from tieline.bench.battery.forecast_plans import (
    EXPECTED,
    HELD_OUT_SEED,
    IDLE,
    KNOWN,
    Plan,
    chance_constrained,
    play_plans,
)
from tieline.bench.battery.measure import BatteryDays, measure
from tieline.bench.battery.options import Options
from tieline.bench.battery.page import page
from tieline.bench.kit.markdown import Page
from tieline.studies.shell import run_study

RowsOf = Callable[[Page, str], list[dict[str, str]]]
TextOf = Callable[[Page, str], str]


def test_a_row_of_the_33_bus_feeder() -> None:
    (row,) = measure(Options(feeders=("ieee33",), step_minutes=60)).rows
    assert (row.feeder, row.batteries, row.steps) == ("ieee33", 32, 24)
    # a milli per unit below the highest voltage: the end of the feeder
    assert 1 <= row.critical < 32
    assert row.critical + row.lenders <= 32
    assert row.rounds >= 1
    assert (
        min(row.setup_s, row.power_flow_s, row.ranking_s, row.control_s, row.replay_s)
        > 0
    )
    coordinated_s = row.power_flow_s + row.ranking_s + row.control_s + row.replay_s
    assert row.decision_ms == pytest.approx(1000 * coordinated_s / 24)


def test_a_path_is_a_feeder_too(shared_dir: Path) -> None:
    path = shared_dir / "feeders" / "matpower" / "case33bw.m"
    (row,) = measure(Options(feeders=(str(path),), step_minutes=60)).rows
    assert row.batteries == 32


def test_goals_are_judged_by_the_results(battery_days: BatteryDays) -> None:
    cases = battery_days.cases
    assert cases is not None
    assert all(goal.is_met for goal in goals(cases))
    metrics = {
        **cases.published.metrics,
        "gap_to_bound_pct": 2.5,
        "violations_csocc": 1e-7,
    }
    missed = replace(cases, published=replace(cases.published, metrics=metrics))
    verdicts = [goal.verdict for goal in goals(missed)]
    # 1e-7 is a solver's
    assert verdicts == [
        "met",
        "met",
        "**not met**",
        "met",
        "met",
        "met",
    ]


def test_the_rows_of_the_published_case(
    battery_days: BatteryDays, rows_of: RowsOf
) -> None:
    rows = {
        row["case"]: row for row in rows_of(page(battery_days), "The published case")
    }
    assert list(rows) == [
        "none",
        "conventional",
        "mpc",
        "csocc",
        "bound",
        "csocc, loans of 10 %",
    ]
    assert rows["csocc"]["violations [bus-steps]"] == "0"
    assert rows["csocc"]["highest voltage [pu]"] == "1.0427"
    assert rows["mpc"]["cost [USD]"] == "40.00"


def test_other_days_are_told_by_their_spread(
    battery_days: BatteryDays, rows_of: RowsOf
) -> None:
    rows = {row[""]: row for row in rows_of(page(battery_days), "Other days")}
    bill = rows["bill with CSOCC [USD]"]  # 42 and 84
    assert (bill["mean"], bill["std"]) == ("63.00", "21.00")
    assert (bill["lowest"], bill["highest"]) == ("42.00", "84.00")
    # 100 (42 - 40) / 100 and twice that: CSOCC is dearer than batteries alone
    assert rows["csocc against mpc [% of the load's]"]["mean"] == "3.00"
    # nobody proved a bound on these days
    assert rows["bound against its proof [% of the load's]"]["mean"] == "n/a"


def test_the_words_name_what_the_results_say(
    battery_days: BatteryDays, text_of: TextOf
) -> None:
    assert "The critical buses are 16, 17, 2 h at risk" in text_of(
        page(battery_days), "The published case"
    )
    assert "saves 6.7 %" in text_of(page(battery_days), "Goals")


def test_plans_on_forecasts_are_told_day_by_day(
    battery_days: BatteryDays, rows_of: RowsOf
) -> None:
    rows = {
        row["plan"]: row for row in rows_of(page(battery_days), "Plans on forecasts")
    }
    assert list(rows)[-1] == KNOWN
    cautious = rows["chance-constrained, risk 5 %"]
    assert cautious["violations a day, mean"] == "0.50"
    assert cautious["days with one [%]"] == "50"
    # 3 and 2 fewer: half a standard deviation of 0.71 by the root of 2, 1.96 times
    assert cautious["against expected"] == "-2.50 ± 0.98"
    assert cautious["left of those without batteries [%]"] == "5.0"
    assert cautious["cost against expected [% of the load's]"] == "+2.00 ± 1.96"
    # what is the same every day has no interval
    assert rows[EXPECTED]["against expected"] == "+0.00"
    assert rows[EXPECTED]["highest voltage [pu]"] == "1.0490"


def test_plans_meet_the_same_days() -> None:
    plans = (Plan(EXPECTED), chance_constrained(5.0))
    trial = play_plans(plans, 1, step_minutes=60)
    assert trial.plans == [IDLE, *(plan.name for plan in plans), KNOWN]
    assert len({row.load_bill for row in trial.rows}) == 1
    known = sum(row.violations for row in trial.of(KNOWN))
    idle = sum(row.violations for row in trial.of(IDLE))
    assert known == 0 < idle
    # as the study itself plays them
    result = run_study(
        "battery",
        step_minutes=60,
        seed=HELD_OUT_SEED,
        bound="off",
        forecast="drawn",
        plan="chance-constrained",
    )
    by_plan = [sum(row.violations for row in trial.of(plan.name)) for plan in plans]
    assert by_plan == [
        result.metrics["violations_csocc_expected"],
        result.metrics["violations_csocc"],
    ]


def test_results_of_the_study_have_what_the_page_asks_for(
    battery_days: BatteryDays,
) -> None:
    result = run_study(
        "battery", step_minutes=60, scenarios=2, bound="lp", sweep_hours="0.5,2"
    )
    forecast = run_study(
        "battery",
        step_minutes=60,
        scenarios=2,
        bound="off",
        forecast="drawn",
        plan="chance-constrained",
    )
    cases = Cases(
        published=result,
        small_loans=result,
        days=result,
        forecast=forecast,
        sweep=result,
        small_sweep=result,
        feeders={"ieee123": result},
    )
    assert page(replace(battery_days, cases=cases)).sections
