"""The hosting-capacity study: published voltages of the 33-bus feeder, and its answer on feeders by hand."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import two_bus
from tieline.config_files import make_config
from tieline.errors import InfeasibleBaseError, InputError
from tieline.feeders import load_feeder, save_tables
from tieline.network import Network
from tieline.powerflow import solve
from tieline.studies import run_study
from tieline.studies.hosting_capacity.config import HostingCapacityConfig

run = partial(run_study, "hosting-capacity", None)

# M. Al-Saffar, PhD thesis, University of Alberta, table 4.2: voltages at 90 % PV, buses 2 to 33
PUBLISHED_PU = [
    1.002,
    1.01,
    1.014,
    1.018,
    1.027,
    1.028,
    1.031,
    1.034,
    1.038,
    1.038,
    1.039,
    1.043,
    1.044,
    1.044,
    1.045,
    1.046,
    1.047,
    1.002,
    1.004,
    1.005,
    1.005,
    1.012,
    1.016,
    1.018,
    1.028,
    1.029,
    1.033,
    1.036,
    1.038,
    1.04,
    1.04,
    1.04,
]
PUBLISHED_CASE = {
    "feeder": "ieee33",
    "placement": "uniform",
    "light_load_pct": 5.0,
    "light_load_kvar_pct": 0.0,
    "highest_pu": 1.045,
}


def test_published_voltages_of_the_33_bus_feeder() -> None:
    table = run(HostingCapacityConfig(**PUBLISHED_CASE)).tables["buses"]
    at_90 = table[table["level_pct"] == 90].set_index("bus")["v_highest_pu"]
    ours = np.array([at_90[str(bus)] for bus in range(2, 34)])
    assert np.abs(ours - PUBLISHED_PU).max() <= 0.0006


def test_published_critical_buses_of_the_33_bus_feeder() -> None:
    result = run(HostingCapacityConfig(**PUBLISHED_CASE))
    table = result.tables["buses"]
    critical = {
        level: set(rows.loc[rows["critical_share"] > 0, "bus"])
        for level, rows in table.groupby("level_pct")
    }
    assert critical[80.0] == set()
    assert critical[90.0] == {"16", "17", "18"}
    capacity_pct = result.number("hosting_capacity_pct")
    assert 80.0 <= capacity_pct < 90.0
    assert result.metrics["hosting_capacity_kw"] == pytest.approx(
        capacity_pct / 100 * 3715
    )
    # five halvings of a step of 10 %
    assert result.metrics["first_violation_pct"] == capacity_pct + 10 / 32
    assert result.metrics["binding_limit"] == "voltage-high"


def test_the_answer_on_two_buses_is_the_first_level_above_the_closed_form(
    tmp_path: Path,
) -> None:
    # V2 of a line with injection P at unity power factor, no load: the level at which it passes 1.05 pu, found on a grid as fine
    # as five halvings of a step of 5 % are
    save_tables(two_bus(1000.0, 0.0, r_ohm=8.0, x_ohm=0.1), tmp_path / "feeder")
    values = {
        "placement": "uniform",
        "light_load_pct": 0.0,
        "step_pct": 5.0,
        "max_pct": 200.0,
    }
    result = run_study("hosting-capacity", feeder=str(tmp_path / "feeder"), **values)
    step_pct = 5 / 32
    levels = np.arange(0, 201, step_pct)
    p_kw = -10.0 * levels[:, None]
    network = Network.from_feeder(two_bus(0.0, 0.0, 8.0, 0.1))
    rise = solve(network, load_kw=p_kw, load_kvar=np.zeros_like(p_kw)).vm_pu[:, 1]
    first = levels[np.flatnonzero(rise > 1.05)[0]]
    assert result.metrics["first_violation_pct"] == first
    assert result.metrics["hosting_capacity_pct"] == first - step_pct


def test_the_same_seed_gives_the_same_answer() -> None:
    config = HostingCapacityConfig(feeder="ieee13", deployments=20, seed=7)
    first, again = (run(config).metrics for _ in range(2))
    del first["power_flows_per_s"], again["power_flows_per_s"]
    assert first == again


def test_a_base_case_that_breaks_everywhere_has_an_answer_unless_it_is_to_stop() -> (
    None
):
    """PV raises every voltage: it may make none of them worse by more than a thousandth of the limit."""
    config = HostingCapacityConfig(
        feeder="ieee33", limits="high-voltage-only", highest_pu=0.9, deployments=3
    )
    result = run(config)
    assert result.metrics["broken_before"] == 33
    assert 0 < result.number("hosting_capacity_pct") < 5
    asked = {"broken_before": "stop", **config.model_dump(exclude={"broken_before"})}
    with pytest.raises(InfeasibleBaseError, match="Before PV is added, high voltage"):
        run(make_config(HostingCapacityConfig, asked))


def test_what_breaks_without_pv_is_listed_and_not_blamed_on_pv() -> None:
    # at full load 21 of the 33 buses are below 0.95 pu, and PV only lifts them
    result = run(
        HostingCapacityConfig(
            feeder="ieee33",
            limits="ansi-a",
            light_load_pct=100.0,
            deployments=3,
            cap_pct=100,
        )
    )
    base = Network.from_feeder(load_feeder("ieee33"))
    low = {
        name
        for name, v in zip(base.node_names, solve(base).vm_pu[0], strict=True)
        if v < 0.95
    }
    table = result.tables["broken_before"]
    assert set(table["place"]) == low
    assert table["place"].iloc[0] == "18.1"
    assert set(table["share_pct"]) == {100.0}
    assert result.metrics["broken_before"] == len(low) == 21
    assert result.metrics["first_violation_pct"] is None
    assert any("must not get worse" in warning for warning in result.warnings)


def test_no_violation_means_at_least() -> None:
    result = run(
        HostingCapacityConfig(feeder="ieee33", max_pct=20, cap_pct=20, deployments=3)
    )
    assert (
        result.metrics["first_violation_pct"],
        result.metrics["hosting_capacity_pct"],
    ) == (
        None,
        20.0,
    )
    assert any("at least that" in warning for warning in result.warnings)


def test_each_limit_finds_its_own_first_level(tmp_path: Path) -> None:
    # 1000 kW of load at 12.66 kV; 100 % PV without load sends 1000 kW back: 45.6 A, 91 % of a line rated 50 A
    own = two_bus(1000.0, 0.0)
    rated = dataclasses.replace(own.lines[0], rating_a=50.0)
    save_tables(own.replace(lines=(rated,)), tmp_path / "feeder")
    values: dict[str, Any] = {
        "feeder": str(tmp_path / "feeder"),
        "placement": "uniform",
        "light_load_pct": 0.0,
        "what_if": "off",
        "limits": "high-voltage-only",
        "highest_pu": "off",
    }
    loading = run(HostingCapacityConfig(**values, line_pct=60.0))
    # 60 % of 50 A at 12.66 kV are 658 kW, but for the loss on the way
    assert loading.number("hosting_capacity_pct") == pytest.approx(65.8, abs=0.7)
    assert loading.metrics["binding_limit"] == "line-loading"
    assert loading.metrics["binding_at"] == "line ab"
    deployments = loading.tables["deployments"].set_index("level_pct")
    assert deployments["line_loading_pct"][100.0] == pytest.approx(
        1000 / (np.sqrt(3) * 12.66) / 50 * 100, rel=0.01
    )
    reverse = run(HostingCapacityConfig(**values, reverse_kw=550.0))
    # 550 kW arrive at the source; the loss on the way comes on top
    assert reverse.number("hosting_capacity_pct") == pytest.approx(55.0, abs=0.6)
    assert reverse.metrics["binding_limit"] == "reverse-power"
    both = run(HostingCapacityConfig(**values, reverse_kw=550.0, line_pct=60.0))
    assert both.metrics["binding_limit"] == "reverse-power"
    of_limit = both.tables["limits"].set_index("limit")["at_risk_pct"]
    assert of_limit.to_dict() == {
        "any": reverse.metrics["hosting_capacity_pct"],
        "line-loading": loading.metrics["hosting_capacity_pct"],
        "reverse-power": reverse.metrics["hosting_capacity_pct"],
    }


def test_low_voltage_counts_only_where_the_profile_has_a_lower_limit(
    tmp_path: Path,
) -> None:
    # absorbing 0.75 kvar per kW over 20 ohm lowers the voltage by (0.75 * 20 - 0.5) / (12.66^2 V) = 0.09 pu per MW and more, to
    # 0.95 at 50.1 %
    save_tables(two_bus(1000.0, 0.0, r_ohm=0.5, x_ohm=20.0), tmp_path / "feeder")
    values: dict[str, Any] = {
        "feeder": str(tmp_path / "feeder"),
        "placement": "uniform",
        "light_load_pct": 0.0,
        "what_if": "off",
    }
    absorbing = {**values, "inverter": "power-factor", "power_factor": 0.8}
    with_lower = run(HostingCapacityConfig(**absorbing, limits="ansi-a"))
    assert with_lower.metrics["hosting_capacity_pct"] == 50.0
    assert with_lower.metrics["first_violation_pct"] == 50.0 + 10 / 32
    assert with_lower.metrics["binding_limit"] == "voltage-low"
    without_lower = run(HostingCapacityConfig(**absorbing, limits="high-voltage-only"))
    assert without_lower.metrics["first_violation_pct"] is None


def test_a_three_wire_feeder_is_judged_by_voltages_between_phases() -> None:
    result = run(HostingCapacityConfig(feeder="ieee37", deployments=5, max_pct=150))
    assert "-" in result.tables["deployments"]["v_high_pu_at"].iloc[-1]


def test_a_part_without_supply_breaks_no_limit(tmp_path: Path) -> None:
    feeder = load_feeder("ieee33")
    opened = tuple(
        dataclasses.replace(line, closed=line.closed and line.name != "branch_17")
        for line in feeder.lines
    )
    save_tables(feeder.replace(lines=opened), tmp_path / "cut")
    result = run(
        HostingCapacityConfig(
            feeder=str(tmp_path / "cut"),
            limits="ansi-a",
            deployments=2,
            max_pct=10,
            cap_pct=10,
        )
    )
    assert result.metrics["first_violation_pct"] is None
    assert "18" not in set(result.tables["buses"]["bus"])
    assert any("18" in warning for warning in result.warnings)
    result.write_report(tmp_path / "report.html")
    assert "dead (1)" in (tmp_path / "report.html").read_text()


def test_pv_of_the_feeder_itself_is_kept() -> None:
    from tieline.feeders.elements import Pv

    own = Pv("roof", "18", (1, 0), "wye", 12.66, 500.0, 500.0, p_kw=500.0)
    feeder = load_feeder("ieee33").replace(pvs=(own,))
    from tieline.network.attach import with_pv_sites

    network = Network.from_feeder(with_pv_sites(feeder))
    assert solve(network).der_kva[0, 0] == pytest.approx(500.0)


def test_what_ifs_are_compared_on_the_same_draws() -> None:
    result = run(
        HostingCapacityConfig(
            feeder="ieee33", light_load_pct=5.0, light_load_kvar_pct=0.0, deployments=30
        )
    )
    table = result.tables["what_if"].set_index("variant")
    assert list(table.index) == [
        "base",
        "power-factor",
        "volt-var",
        "less-load",
        "more-load",
        "stronger-lines",
    ]
    assert [
        table[name]["base"] for name in ("gain_pct", "better_share", "worse_share")
    ] == [
        0,
        0,
        0,
    ]
    # absorbing reactive power and more load both lower the voltage of every draw: none can be worse
    assert table["gain_pct"]["power-factor"] > 5
    capacity_pct = table["hosting_capacity_pct"]
    assert (capacity_pct - capacity_pct["base"]).equals(table["gain_pct"])
    assert (table["gain_low_pct"] <= table["gain_pct"]).all()
    assert (table["gain_pct"] <= table["gain_high_pct"]).all()
    assert [
        table["worse_share"][name] for name in ("power-factor", "volt-var", "more-load")
    ] == [
        0,
        0,
        0,
    ]
    assert table["better_share"]["less-load"] == 0
    alone = run(
        HostingCapacityConfig(
            feeder="ieee33",
            light_load_pct=5.0,
            light_load_kvar_pct=0.0,
            deployments=30,
            inverter="volt-var",
        )
    )
    assert (
        alone.metrics["hosting_capacity_pct"]
        == result.metrics["hosting_capacity_pct_volt_var"]
    )


def test_minimum_and_maximum_are_those_of_disco_on_the_same_draws() -> None:
    """disco's hosting capacity of a set of samples: the highest level up to which all pass, and the highest that any passes."""
    draws: dict[str, Any] = {
        "feeder": "ieee33",
        "limits": "high-voltage-only",
        "light_load_pct": 5.0,
        "what_if": "off",
        "deployments": 10,
        "max_pct": 240.0,
        "cap_pct": 240.0,
    }
    searched = run(HostingCapacityConfig(**draws, step_pct=40.0))
    # every level that the search between levels could end at, solved for all deployments
    every = run(HostingCapacityConfig(**draws, step_pct=40.0 / 32)).tables
    passes = every["deployments"].groupby("level_pct")["violates"]
    all_pass = ~passes.any()
    any_passes = ~passes.all()
    disco_min_pct = all_pass[all_pass.cummin()].index[-1]
    disco_max_pct = any_passes[any_passes].index[-1]
    assert 0 < disco_min_pct < disco_max_pct < 240
    assert searched.number("capacity_min_pct") == pytest.approx(disco_min_pct)
    assert searched.number("capacity_max_pct") == pytest.approx(disco_max_pct)


def test_moments_and_distribution_of_a_bus_are_those_of_its_draws() -> None:
    result = run(
        HostingCapacityConfig(
            feeder="ieee13", deployments=30, what_if="off", shown_buses=("671", "680")
        )
    )
    draws = result.tables["voltages"]
    assert draws.groupby(["level_pct", "bus"]).size().unique().tolist() == [30]
    assert set(draws["bus"]) == {"671", "680"}
    moments = result.tables["buses"].set_index(["level_pct", "bus"])
    by_bus = draws.astype({"v_high_pu": float}).groupby(["level_pct", "bus"])
    v_pu = by_bus["v_high_pu"]
    rows = v_pu.mean().index
    assert moments["v_mean_pu"][rows].to_numpy() == pytest.approx(
        v_pu.mean().to_numpy()
    )
    assert moments["v_std_pu"][rows].to_numpy() == pytest.approx(v_pu.std().to_numpy())
    # without PV all draws are the same
    assert moments["v_std_pu"][0.0, "671"] == pytest.approx(0.0, abs=1e-9)
    assert moments["v_std_pu"][100.0, "671"] > 1e-4


def test_a_bus_that_is_to_be_shown_exists() -> None:
    with pytest.raises(InputError, match="shown_buses: Unknown bus '999'"):
        run(HostingCapacityConfig(feeder="ieee13", shown_buses=("671", "999")))


def test_progress_counts_the_deployments() -> None:
    seen: list[tuple[int, int]] = []
    run(
        HostingCapacityConfig(deployments=60, max_pct=30),
        progress=lambda done, total, _: seen.append((done, total)),
    )
    assert seen == [(0, 60), (25, 60), (50, 60), (60, 60)]


def test_drawing_stops_when_the_interval_is_narrow() -> None:
    values = {
        "feeder": "ieee13",
        "deployments": 400,
        "what_if": "off",
        "highest_pu": 1.06,
        "controls": "off",
    }
    whole = run(HostingCapacityConfig(**values, stop_width=0.12))
    drawn = whole.metrics["deployments"]
    assert isinstance(drawn, int)
    assert drawn < 400
    assert drawn % 50 == 0
    levels = whole.tables["levels"]
    first = int(levels.index[levels["probability"] > 0.05][0])
    width = levels["probability_high"] - levels["probability_low"]
    assert width[[first - 1, first]].max() < 0.12
    assert any(f"stopped at {drawn}" in warning for warning in whole.warnings)


def test_a_day_of_profiles_is_solved_step_by_step(tmp_path: Path) -> None:
    # four hours of a user's own series: the only violating hour is the one with full sun and no load
    hours = [f"2025-06-21T{hour:02d}:00-06:00" for hour in range(24)]
    sun = [1.0 if hour == 12 else 0.2 for hour in range(24)]
    load = [0.0 if hour == 12 else 0.5 for hour in range(24)]
    for name, series in (("sun", sun), ("load", load)):
        rows = "\n".join(
            f"{time},{value}" for time, value in zip(hours, series, strict=True)
        )
        (tmp_path / f"{name}.csv").write_text(f"time,{name}\n{rows}\n")
    save_tables(two_bus(1000.0, 0.0, r_ohm=8.0, x_ohm=0.1), tmp_path / "feeder")
    values: dict[str, Any] = {
        "feeder": str(tmp_path / "feeder"),
        "placement": "uniform",
        "what_if": "off",
        "max_pct": 120.0,
    }
    tables: dict[str, Any] = {
        "load_table": str(tmp_path / "load.csv"),
        "sun_table": str(tmp_path / "sun.csv"),
    }
    day = run(
        HostingCapacityConfig(**values, **tables, time="profiles", step_minutes=60)
    )
    snapshot = run(HostingCapacityConfig(**values, light_load_pct=0.0))
    # 13 levels, and five halvings with the level without PV at each
    assert day.metrics["n_power_flows"] == (13 + 2 * 5) * 24
    assert day.metrics["first_violation_pct"] == snapshot.metrics["first_violation_pct"]
    levels = day.tables["levels"]
    first = levels[levels["violating"] > 0].iloc[0]
    assert first["violating_steps_share"] == pytest.approx(1 / 24)
    assert first["binding_when"] == "2025-06-21T12:00-06:00"


def test_metrics_have_their_stable_names() -> None:
    metrics = run(
        HostingCapacityConfig(deployments=2, step_pct=50, cap_pct=100)
    ).metrics
    assert list(metrics) == [
        "hosting_capacity_pct",
        "hosting_capacity_kw",
        "hosting_capacity_low_pct",
        "hosting_capacity_high_pct",
        "capacity_min_pct",
        "capacity_p05_pct",
        "capacity_median_pct",
        "capacity_max_pct",
        "first_violation_pct",
        "binding_limit",
        "binding_at",
        "judged_up_to_pct",
        "violation_probability_at_0",
        "violation_probability_at_50",
        "violation_probability_at_100",
        "hosting_capacity_pct_power_factor",
        "hosting_capacity_pct_volt_var",
        "hosting_capacity_pct_less_load",
        "hosting_capacity_pct_more_load",
        "hosting_capacity_pct_stronger_lines",
        "broken_before",
        "v_max_before_pv_pu",
        "deployments",
        "n_power_flows",
        "power_flows_per_s",
        "not_converged",
        "cases_unjudged",
        "unjudged_pct",
        "what_if_cases_unjudged",
        "limits_profile",
        "limit_highest_pu",
        "limit_lowest_pu",
        "limit_line_pct",
        "limit_transformer_pct",
    ]


def test_where_the_least_pv_is_too_much_the_kilowatts_have_the_same_bound() -> None:
    feeder = two_bus(1000.0, 0.0, r_ohm=80.0, x_ohm=0.1)
    (source,) = feeder.sources
    high = feeder.replace(sources=(dataclasses.replace(source, v_pu=1.06),))
    result = run_study(
        "hosting-capacity",
        feeder=high,
        deployments=2,
        what_if="off",
        light_load_pct=0.0,
        highest_pu=1.0601,
    )
    tiles = dict(result.headline.summary)
    assert result.metrics["hosting_capacity_kw"] == 0
    # five halvings of a step of 10 % of 1000 kW
    assert tiles["Hosting capacity"] == "below 0.312 %"
    assert tiles["PV at that level"] == "below 3.12 kW"
