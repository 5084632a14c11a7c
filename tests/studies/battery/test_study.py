"""The battery study: the published 33-bus case, how small batteries may be, three phases, a feeder by hand, and bad questions."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_pages import check_page

from builders import two_bus
from tieline.cli.main import main
from tieline.errors import InputError
from tieline.feeders.elements import Storage
from tieline.feeders.tables import save_tables
from tieline.reports.numbers import brief
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.config import make_config
from tieline.studies.result import Result
from tieline.studies.shell import run_study

run = partial(run_study, "battery", None)

pytest.importorskip("highspy")

PUBLISHED_FIRST = ["8", "24", "25", "7", "14", "32", "30", "15", "13", "12"]


@pytest.fixture(scope="module")
def published() -> Result:
    return run(BatteryConfig())


def test_cooperation_removes_the_violations_that_batteries_alone_leave(
    published: Result,
) -> None:
    assert published.tables["buses"].query("role == 'critical'")["bus"].tolist() == [
        "16",
        "17",
        "18",
    ]
    assert published.number("violations_none") > 0
    assert published.number("violations_mpc") > 0
    assert published.number("violations_csocc") == 0
    assert published.number("v_max_pu_csocc") <= 1.045


def test_ranking_is_the_published_one_and_learned(published: Result) -> None:
    ranking = published.tables["ranking"]
    assert ranking.columns[:6].tolist() == [
        "rank",
        "bus",
        "capacity_kw",
        "path_loss_kw",
        "value_kw",
        "lent_kwh",
    ]
    assert ranking["bus"].tolist()[:10] == PUBLISHED_FIRST
    losses = ranking.set_index("bus")["path_loss_kw"]
    assert [losses[bus] for bus in ("2", "8", "24", "30")] == pytest.approx(
        [60.87, 6.12, 43.10, 16.38], abs=0.005
    )
    assert published.number("mcts_rank_correlation") == 1.0
    assert published.number("mcts_episodes") <= 600


def test_cost_stays_within_two_percent_of_the_bound_and_below_the_rule(
    published: Result,
) -> None:
    assert 0 <= published.number("gap_to_bound_pct") < 2
    assert published.number("cost_usd_bound") <= published.number("cost_usd_mpc")
    assert published.number("cost_usd_csocc") < published.number(
        "cost_usd_conventional"
    )
    assert published.number("cost_usd_csocc") / published.number(
        "cost_usd_mpc"
    ) == pytest.approx(1, abs=0.01)
    # the cone program's optimum is the AC optimum here, so the proven cost is the one on AC
    (proof,) = [text for text in published.warnings if "bound is proven" in text]
    assert f"costs less than {published.number('cost_usd_bound'):.2f} USD" in proof


def test_small_loans_give_a_partial_answer_that_says_what_is_missing() -> None:
    result = run(BatteryConfig(alpha_a_pct=10, bound="off"))
    required, lent, missing = (
        result.number(f"{name}_energy_kwh") for name in ("required", "lent", "missing")
    )
    assert required == pytest.approx(lent + missing)
    assert result.tables["ranking"]["lent_kwh"].sum() == pytest.approx(lent)
    # what the account leaves to the critical buses is what nobody covers
    assert result.number("reverse_kwh_critical_csocc") == pytest.approx(
        missing, abs=0.5
    )
    # 10 % of 70 % of 2 h x 20 % of the load of 29 buses, as the terminals see it
    load_kw = 3715 - 60 - 60 - 90
    assert lent == pytest.approx(0.1 * 0.7 * 2 * 0.2 * load_kw / 0.95, rel=1e-6)
    assert any(f"{brief(missing)} kWh are missing" in text for text in result.warnings)
    assert result.metrics["gap_to_bound_pct"] is None


def test_state_of_charge_stays_within_its_limits_and_ends_where_it_began(
    published: Result,
) -> None:
    schedules = published.tables["schedules"]
    energy = schedules.groupby("battery")["stored_kwh"].transform("max") / 0.9
    assert (schedules["stored_kwh"] >= 0.2 * energy - 1e-3).all()
    ends = schedules.groupby(["case", "battery"])["stored_kwh"].last().loc["csocc"]
    assert (ends >= 0.2 * energy.groupby(schedules["battery"]).first() - 1e-3).all()
    assert np.minimum(schedules["charge_kw"], schedules["discharge_kw"]).max() < 1e-4


def test_cooperation_removes_the_reverse_power_at_risk(published: Result) -> None:
    assert published.number("reverse_kwh_critical_mpc") > 200
    assert published.number("reverse_kwh_critical_csocc") == pytest.approx(
        0.0, abs=1e-3
    )
    assert published.number("missing_energy_kwh") == 0
    assert published.number("assisting_buses") < 29  # the best are enough


def test_sweep_over_battery_energies() -> None:
    sweep = (
        run(BatteryConfig(bound="off", alpha_a_pct=10, sweep_hours="0.5,2,4"))
        .tables["sweep"]
        .set_index("battery_hours")
    )
    assert (
        sweep["violations_mpc"] > 0
    ).all()  # alone they are full when it matters, or choose other hours
    assert sweep["violations_csocc"].tolist()[1:] == [0, 0]
    # too small: all lenders together hold less than is needed
    assert sweep["violations_csocc"].tolist()[0] > 0
    assert sweep["missing_energy_kwh"].is_monotonic_decreasing


def test_days_in_a_row_lend_anew_each_day() -> None:
    result = run(BatteryConfig(bound="off", step_minutes=60, days=3))
    assert result.number("violations_none") > 0
    assert result.number("violations_csocc") == 0
    assert result.number("missing_energy_kwh") == 0
    # all three together need more than all assisting buses lend in one day: half of 70 % of 2 h x 20 % of their load
    pool_kwh = 0.5 * 0.7 * 2 * 0.2 * (3715 - 60 - 60 - 90) / 0.95
    assert result.number("required_energy_kwh") > pool_kwh
    stored = (
        result.tables["schedules"]
        .query("case == 'csocc'")
        .groupby("battery")["stored_kwh"]
    )
    assert (
        stored.last() >= 0.2 / 0.9 * stored.max() - 1e-6
    ).all()  # as much as at the start, which is the lowest


def test_three_phases_with_batteries_at_single_phases() -> None:
    result = run(
        BatteryConfig(feeder="ieee123", highest_pu=1.04, bound="off", step_minutes=30)
    )
    assert result.number("batteries") == 91
    assert result.number("violations_none") > 0
    assert result.number("violations_csocc") == 0
    assert any("Regulators" in text for text in result.warnings)


def own_feeder(folder: Path, **storage: Any) -> str:
    """Two buses with a battery of the feeder's own."""
    battery = Storage(
        "own",
        "b",
        (1, 0),
        "wye",
        12.66,
        100.0,
        200.0,
        100.0,
        **{"stored_kwh": 40.0, "reserve_kwh": 40.0, **storage},
    )
    save_tables(two_bus().replace(storages=(battery,)), folder)
    return str(folder)


def test_a_feeder_of_ones_own_with_its_own_battery(tmp_path: Path) -> None:
    result = run(
        BatteryConfig(
            feeder=own_feeder(tmp_path), battery_pct=0, bound="lp", step_minutes=60
        )
    )
    assert result.number("batteries") == 1
    assert result.tables["schedules"]["battery"].unique().tolist() == ["own"]
    assert any("nobody cooperated" in text for text in result.warnings)
    assert result.number("assisting_buses") == 0


def test_nobody_can_assist_a_region_that_is_the_whole_feeder(tmp_path: Path) -> None:
    result = run(
        BatteryConfig(
            feeder=own_feeder(tmp_path),
            battery_pct=0,
            highest_pu=1.0001,
            pv_pct=300,
            bound="off",
            step_minutes=60,
        )
    )
    assert any("Nobody can assist" in text for text in result.warnings)
    assert (
        result.number("missing_energy_kwh") == result.number("required_energy_kwh") > 0
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"battery_pct": 0}, "no battery anywhere"),
        ({"horizon_h": 25}, "horizon of 100 steps does not fit data of 96 steps"),
        (
            {"initial_soc_pct": 95},
            "initial_soc_pct .95. is outside soc_min_pct to soc_max_pct .20 to 90.",
        ),
        ({"soc_min_pct": 95, "initial_soc_pct": 95}, "could store nothing"),
        ({"sweep_hours": "1,-2"}, "above 0 h"),
    ],
)
def test_bad_questions(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        run(make_config(BatteryConfig, {"bound": "off", **changes}))


def test_an_own_battery_that_starts_outside_its_limits_is_named(tmp_path: Path) -> None:
    feeder = own_feeder(tmp_path, stored_kwh=195.0)
    with pytest.raises(
        InputError, match=r"'own' starts with 195 kWh, outside its limits 40 to 180 kWh"
    ):
        run(BatteryConfig(feeder=feeder, battery_pct=0, bound="off", step_minutes=60))


def test_a_run_writes_its_report(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    flags = ["--step-minutes", "30", "--sweep-hours", "1,2", "--bound", "off"]
    check_page(
        folder,
        ["battery", *flags],
        (
            "Batteries of ieee33",
            "Who is at risk, who assists",
            "Who is asked first",
            "How large batteries must be",
        ),
    )
    assert len(pd.read_parquet(folder / "ranking.parquet")) == 29


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["--battery-pct", "0"], 2),
        (["--horizon-h", "30"], 2),
        (["--soc-max-pct", "10"], 2),
    ],
)
def test_exit_codes(flags: list[str], code: int, tmp_path: Path) -> None:
    assert main(["run", "battery", *flags, "--out", str(tmp_path / "run")]) == code
    assert not (tmp_path / "run").exists()


def test_a_price_below_zero_is_played_and_said(tmp_path: Path) -> None:
    """Five hours at -20 per MWh: batteries charge in them, and there is no bound."""
    lines = [
        f"2025-06-21 {hour:02d}:00,{-20 if 10 <= hour < 15 else 60}"
        for hour in range(24)
    ]
    path = tmp_path / "price.csv"
    path.write_text("time,price\n" + "\n".join(lines))
    result = run(
        BatteryConfig(
            feeder="ieee33",
            price_table=str(path),
            start=date(2025, 6, 21),
            step_minutes=60,
        )
    )
    said = " ".join(result.warnings)
    assert "below zero in 5 steps, the lowest -20 per MWh" in said
    assert "There is no bound: the price falls below zero" in said
