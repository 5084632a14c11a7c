"""The benchmark of battery control gives the rows it promises."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path

import pytest

from tieline.bench.battery import Row, measure
from tieline.bench.battery_cases import Cases, goals
from tieline.bench.battery_page import page
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.shell import run_study

run = partial(run_study, "battery", None)


def test_a_row_of_the_33_bus_feeder() -> None:
    (row,) = measure(["ieee33"], step_minutes=60)
    assert (row.feeder, row.batteries, row.steps) == ("ieee33", 32, 24)
    assert (
        1 <= row.critical < 32
    )  # a milli per unit below the highest voltage: the end of the feeder
    assert row.critical + row.lenders <= 32
    assert row.rounds >= 1
    assert min(row.setup_s, row.power_flow_s, row.ranking_s, row.control_s, row.replay_s) > 0
    coordinated_s = row.power_flow_s + row.ranking_s + row.control_s + row.replay_s
    assert row.decision_ms == pytest.approx(1000 * coordinated_s / 24)


def test_a_path_is_a_feeder_too(shared_dir: Path) -> None:
    (row,) = measure([str(shared_dir / "feeders" / "matpower" / "case33bw.m")], step_minutes=60)
    assert row.batteries == 32


def test_page_says_what_was_measured_and_which_goals_are_missed() -> None:
    hourly = run(BatteryConfig(step_minutes=60))
    small = run(BatteryConfig(step_minutes=60, alpha_a_pct=10.0, bound="off"))
    days = run(BatteryConfig(step_minutes=60, scenarios=2, bound="lp"))
    guessed = run(BatteryConfig(step_minutes=60, scenarios=2, bound="off", forecast="drawn"))
    sweep = run(BatteryConfig(step_minutes=60, sweep_hours="0.5,2", bound="off"))
    phases = run(BatteryConfig(feeder="ieee123", step_minutes=60, highest_pu=1.03, bound="off"))
    cases = Cases(hourly, small, days, guessed, sweep, sweep, {"ieee123": phases})
    missed = dataclasses.replace(hourly, metrics={**hourly.metrics, "gap_to_bound_pct": 2.5})
    assert [goal.is_met for goal in goals(cases)][:2] == [True, True]
    assert [goal.is_met for goal in goals(dataclasses.replace(cases, published=missed))][2] is False
    rows = [Row("ieee33", 32, 24, 2, 3, 1, 0.05, 0.001, 0.04, 0.0031, 0.002, 1.25)]
    text = page(rows, cases, "tieline bench battery --page p.md")
    assert "tieline bench battery --page p.md" in text
    assert "| ieee33 | 32 | 24 | 2 | 3 | 1 | 0.050 | 0.001 | 0.040 | 0.003 | 0.002 | 1.25 |" in text
    assert f"| csocc | 0 | {hourly.number('v_max_pu_csocc'):.4f} |" in text
    assert "The critical buses are 16, 17, 18" in text
    days_row = next(line for line in text.splitlines() if line.startswith("| bill with CSOCC"))
    assert f"{days.number('cost_usd_csocc'):.2f}" in days_row
    assert "not met" in page(rows, dataclasses.replace(cases, published=missed), "")
