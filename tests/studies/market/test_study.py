"""Runs of a few minutes: what adds up, what is saved, reported and repeated, and what is refused with which exit code."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tieline import Network, load_feeder, solve
from tieline.cli.main import main
from tieline.errors import InputError, NoAnswerError
from tieline.network.attach import with_generators_at, with_loads_at
from tieline.studies.result import Result
from tieline.studies.saved_run import load_run
from tieline.studies.shell import run_study

EVENING: dict[str, Any] = {"from_hour": 18.0, "to_hour": 18.5}


@pytest.fixture(scope="module")
def result() -> Result:
    """Three blocks of the 69-bus case; the last is shorter, because the window ends."""
    return run_study(
        "market",
        case="ieee69",
        **EVENING,
        every_minutes=12,
        optimum_every=1,
        sampled_minutes=2,
    )


def test_every_block_counts_for_its_length(result: Result) -> None:
    minutes = result.tables["minutes"]
    hours = np.array([12, 12, 6]) / 60
    assert result.metrics["cost_usd"] == pytest.approx(hours @ minutes.cost_usd)
    none = result.metrics["balancing_cost_usd"]
    assert none == pytest.approx(hours @ minutes.cost_none_usd)
    prices = result.tables["prices"]
    of_root = prices[prices.bus == "15"].loss.to_numpy()
    daily = result.tables["daily_prices"].set_index("bus")
    assert daily.loss_cents["15"] == pytest.approx(100 * (hours @ of_root), rel=1e-5)


def test_demand_is_covered_and_paid_to_the_cent(result: Result) -> None:
    minutes = result.tables["minutes"]
    covered_kw = minutes.der_kw + minutes.bought_kw - minutes.relief_kw
    np.testing.assert_allclose(covered_kw, minutes.demand_kw, atol=1e-3)
    payments = result.tables["payments"]
    assert round(100 * payments.amount_usd.sum()) == 0
    given = result.tables["dispatch"].groupby("minute").p_kw.sum()
    np.testing.assert_allclose(given, minutes.der_kw, atol=1e-6)
    outputs = result.tables["outputs"].groupby("minute")[["der_kw", "import_kw"]].sum()
    np.testing.assert_allclose(outputs.der_kw, minutes.der_kw, atol=1e-6)
    # what one region gets another one sends
    np.testing.assert_allclose(outputs.import_kw, 0, atol=1e-9)


def test_parts_of_a_price_add_up(result: Result) -> None:
    prices = result.tables["prices"]
    parts = prices[["energy", "loss", "voltage", "congestion"]].sum(axis=1)
    np.testing.assert_allclose(prices.price, parts, atol=1e-6)
    np.testing.assert_allclose(prices.loss_published, -prices.loss)


def test_the_reduced_program_keeps_the_saving(result: Result) -> None:
    metrics = result.metrics
    assert metrics["violations"] == 0
    assert metrics["saving_kept_pct"] == pytest.approx(100, abs=0.1)
    assert metrics["saving_kept_of_ac_pct"] == pytest.approx(100, abs=0.1)
    assert (metrics["microgrids"], metrics["merge_events"]) == (2, 0)
    games = result.tables["games"].set_index(["region", "who"])
    assert (games.games == 2).all()
    assert games.regret_pct[1, "random"] > games.regret_pct[1, "chosen"]


def test_a_run_folder_reports_and_repeats(result: Result, tmp_path: Path) -> None:
    result.save(tmp_path / "first")
    kept = load_run(tmp_path / "first")
    assert kept.config == result.config
    again = run_study("market", feeder=kept.feeder, config=kept.config)
    timed = {"clear_ms_p50", "clear_ms_p99", "lp_speedup"}
    for name in result.metrics.keys() - timed:
        assert again.metrics[name] == result.metrics[name]
    page = (tmp_path / "first" / "report.html").read_bytes()
    kept.write_report(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page


def test_another_seed_is_another_day(result: Result) -> None:
    other = run_study(
        "market",
        case="ieee69",
        **EVENING,
        every_minutes=12,
        optimum_every=0,
        sampled_minutes=0,
        seed=1,
    )
    assert other.metrics["cost_usd"] != result.metrics["cost_usd"]
    assert other.metrics["saving_kept_pct"] is None
    assert any("none was asked for" in text for text in other.warnings)


def test_a_feeder_nobody_prepared() -> None:
    answer = run_study(
        "market",
        feeder="ieee13",
        **EVENING,
        every_minutes=30,
        sampled_minutes=0,
        # its regulators lift voltages above 1.05 pu before any market
        limits="en50160",
    )
    assert answer.metrics["violations"] == 0
    assert answer.number("cost_usd") < answer.number("balancing_cost_usd")


def test_no_der_that_can_give_anything_is_a_marked_answer() -> None:
    night = run_study(
        "market",
        case="ieee123",
        solar_pct=100.0,
        limit="135-35:9000",
        from_hour=1.0,
        to_hour=1.1,
        optimum_every=0,
        sampled_minutes=0,
        consensus_every=0,
    )
    metrics = night.metrics
    assert metrics["cost_usd"] == pytest.approx(metrics["balancing_cost_usd"])
    assert any("No DER can give anything in 1 minute" in t for t in night.warnings)


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        (["--ders", "8:100"], 3, "can be adequate"),
        (["--reference-price", "-0.05"], 2, "not above 0"),
        (["--microgrids", "99"], 2, "cannot be divided into 99"),
        (["--watch", "83:20"], 2, "Bus '83' cannot be watched"),
        (["--case", "ieee69", "--limit", "10-11:100"], 3, "What could be met"),
        (["--limit", "1-99:10"], 2, "1-99"),
        (["--extra-loads", "nowhere:10"], 2, "nowhere"),
    ],
)
def test_what_cannot_be_answered(
    flags: list[str],
    code: int,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["run", "market", "--from-hour", "18", "--to-hour", "18.2", *flags]
    assert main([*asked, "--out", str(tmp_path / "run")]) == code
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_meshed_feeder_is_refused() -> None:
    feeder = load_feeder("ieee33")
    loop = dataclasses.replace(feeder.lines[0], name="loop", from_bus="18", to_bus="33")
    meshed = feeder.replace(lines=(*feeder.lines, loop))
    with pytest.raises(InputError, match="loop"):
        run_study("market", feeder=meshed, **EVENING)


def test_the_least_adequate_feeder_is_named() -> None:
    with pytest.raises(NoAnswerError, match="all DERs together give 50"):
        run_study("market", feeder="ieee33", ders="18:50", **EVENING)


def test_a_region_without_ders_buys_of_its_neighbours() -> None:
    result = run_study(
        "market",
        case="ieee33",
        microgrids=2,
        extra_loads="18:100",
        from_hour=18.0,
        to_hour=18.1,
        optimum_every=0,
        sampled_minutes=0,
    )
    regions = result.tables["regions"]
    assert regions.ders.tolist() == [3, 0]
    output = result.tables["outputs"].query("region == 2").iloc[0]
    assert output.demand_kw > 0
    assert output.import_kw == pytest.approx(output.demand_kw)
    # what is sent is paid to the sender, by the number of the other tables
    payments = result.tables["payments"].set_index("who")
    paid = 0.01 * output.import_kw * 0.1
    assert payments.amount_usd["region 1"] == pytest.approx(paid, abs=0.005)
    # its tree search found nobody, and is no row
    assert set(result.tables["searches"].region) == {1}


def test_a_published_minute_is_solved_again_from_its_tables() -> None:
    """Loads, DERs and positions of controls lead to the losses and voltages that are published."""
    values: dict[str, Any] = {
        "every_minutes": 15,
        "choice": "cheapest",
        "limits": "en50160",
    }
    none = dict.fromkeys(
        ("optimum_every", "consensus_every", "confirm_every", "sampled_minutes"), 0
    )
    result = run_study("market", feeder="ieee13", **EVENING, **values, **none)
    last = result.tables["minutes"].iloc[-1]
    of_minute = {
        name: table[table["minute"] == last["minute"]]
        for name, table in result.tables.items()
        if "minute" in table
    }
    demand_kw = of_minute["outputs"]["demand_kw"].to_list()
    roots = result.tables["regions"]["root"].to_list()
    with_loads = with_loads_at(result.feeder, roots, demand_kw, [0.0] * len(roots))
    dispatch = of_minute["dispatch"]
    n_feeder_ders = len(with_loads.ders)
    sellers = dispatch["bus"].to_list()
    whole = with_generators_at(with_loads, sellers, [1e3] * len(sellers))
    positions = of_minute["positions"]
    stands = positions.groupby("kind")["position"].apply(np.array)
    solution = solve(
        Network.from_feeder(whole),
        der_kw=np.r_[[0.0] * n_feeder_ders, dispatch["p_kw"]],
        taps=stands["regulator"],
        capacitor_steps=stands["capacitor"],
        controls="off",
    )
    assert solution.loss_kw[0] == pytest.approx(last["loss_kw"], abs=1e-3)
    vm_pu = np.abs(solution.v_pu[0])
    assert vm_pu.min() == pytest.approx(last["lowest_pu"], abs=1e-6)


def test_a_single_region_has_nobody_to_agree_with() -> None:
    none: dict[str, Any] = {
        "optimum_every": 0,
        "sampled_minutes": 0,
        "every_minutes": 30,
    }
    result = run_study(
        "market", feeder="ieee33", microgrids=1, choice="cheapest", **EVENING, **none
    )
    assert result.metrics["consensus_rounds"] is None
    assert result.metrics["confirm_rounds"] is None
    assert not any("regions also settled" in remark for remark in result.warnings)


def test_a_regulator_above_its_limit_does_not_end_the_market() -> None:
    """ieee13 at ANSI limits: the regulator stands above 1.05 pu in every minute, and no DER can help that."""
    hour = {"feeder": "ieee13", "from_hour": 0, "to_hour": 1, "every_minutes": 60}
    result = run_study("market", **hour)
    table = result.tables["broken_before"]
    assert {"rg60.1", "rg60.3"} <= set(table["place"])
    assert result.metrics["violations"] == 0
    with pytest.raises(NoAnswerError, match="lies below what the DERs called"):
        run_study("market", **hour, broken_before="stop")
