"""Optimal power flow as a study: its numbers are those of `opf`, of the power flow, and of changed questions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import two_bus
from tieline import Network, load_feeder, solve
from tieline.errors import InputError, NoAnswerError, NotConvergedError
from tieline.feeders import save_tables
from tieline.feeders.elements import Generator, Pv, Storage
from tieline.opf import (
    BranchLimit,
    InfeasibleError,
    NoOptimumError,
    make_problem,
    solve_nlp,
)
from tieline.studies import run_study
from tieline.studies.result import Result

pytest.importorskip("casadi")
pytest.importorskip("clarabel")
pytest.importorskip("highspy")

CONGESTED = {
    "ders": "18:600@0.12,25:600@0.08,33:600@0.09",
    "lowest_pu": 0.96,
    "line_limits": "branch_24:5",
}
"""Three generators on the 33-bus feeder with a voltage and a line limit that bind; the example of docs/opf.md."""


def optimum(**values: Any) -> Result:
    """One answer."""
    return run_study("optimal-power-flow", **values)


@pytest.fixture(scope="module")
def congested() -> Result:
    return optimum(**CONGESTED)


@pytest.fixture
def home(tmp_path: Path) -> str:
    """Two buses, 1000 kW, with PV of 80 kW and a battery of 100 kW that holds 50 of 200 kWh."""
    roof = Pv("roof", "b", (1, 0), "wye", 12.66, 80.0, 100.0)
    shed = Storage(
        "shed", "b", (1, 0), "wye", 12.66, 100.0, 200.0, 100.0, stored_kwh=50.0
    )
    save_tables(two_bus().replace(pvs=(roof,), storages=(shed,)), tmp_path / "home")
    return str(tmp_path / "home")


def test_numbers_are_those_of_opf(congested: Result) -> None:
    feeder = load_feeder("ieee33")
    units = tuple(
        Generator(f"g{bus}", bus, (1, 0), "wye", 12.66, rated_kva=600.0)
        for bus in ("18", "25", "33")
    )
    problem = make_problem(
        Network.from_feeder(feeder.replace(generators=units)),
        price=0.10,
        cost=[0.12, 0.08, 0.09],
        v_min_pu=0.96,
        branch_limits=(BranchLimit("line", "branch_24", a=5.0),),
    )
    answer = solve_nlp(problem)
    assert congested.metrics["cost_per_h"] == pytest.approx(answer.objective, rel=1e-9)
    assert congested.tables["set_points"]["p_kw"].to_numpy() == pytest.approx(
        answer.der_kw[0], abs=1e-3
    )
    assert congested.metrics["violations"] == 0


def test_set_points_solved_again_give_voltages_loss_and_cost(congested: Result) -> None:
    feeder, points = load_feeder("ieee33"), congested.tables["set_points"]
    units = tuple(
        Generator(name, bus, (1, 0), "wye", 12.66, 600.0)
        for name, bus in zip(points["der"], points["bus"], strict=True)
    )
    network = Network.from_feeder(feeder.replace(generators=units))
    solution = solve(
        network, der_kw=points["p_kw"], der_kvar=points["q_kvar"], tolerance=1e-10
    )
    assert congested.tables["buses"]["lowest_pu"].to_numpy() == pytest.approx(
        solution.vm_pu[0], abs=1e-9
    )
    assert congested.metrics["loss_kw"] == pytest.approx(solution.loss_kw[0], rel=1e-8)
    cost = 0.1 * solution.source_kva[0].real + float(
        (points["p_kw"] * points["cost_per_kwh"]).sum()
    )
    assert congested.metrics["ac_cost_per_h"] == pytest.approx(cost, rel=1e-9)
    parts = [congested.number(name) for name in ("bought_per_h", "ders_per_h")]
    assert sum(parts) == pytest.approx(cost, rel=1e-9)


def test_before_is_the_feeder_as_it_stands(congested: Result) -> None:
    """Published loss of the 33-bus feeder: 202.68 kW at 3715 kW. Beside low voltages, both ends of the line exceed its limit."""
    bare = solve(Network.from_feeder(load_feeder("ieee33")))
    assert congested.metrics["loss_before_kw"] == pytest.approx(202.68, abs=0.01)
    assert congested.metrics["cost_before_per_h"] == pytest.approx(
        0.1 * (3715 + 202.677), abs=0.001
    )
    assert congested.metrics["violations_before"] == (bare.vm_pu[0] < 0.96).sum() + 2


def test_parts_of_prices_add_up_and_meet_the_cost_of_a_der_between_its_limits(
    congested: Result,
) -> None:
    prices = congested.tables["prices"]
    parts = prices[
        ["energy_per_kwh", "loss_per_kwh", "voltage_per_kwh", "congestion_per_kwh"]
    ]
    assert parts.sum(axis=1).to_numpy() == pytest.approx(
        prices["price_per_kwh"].to_numpy(), abs=1e-12
    )
    assert set(prices["energy_per_kwh"]) == {0.1}
    assert prices["price_per_kwh"].is_monotonic_decreasing
    free = congested.tables["set_points"].iloc[1]
    assert (free["der"], free["at"]) == ("der_25", "")
    assert free["price_per_kwh"] == pytest.approx(0.08, abs=1e-5)
    assert congested.metrics["price_high"] == prices["price_per_kwh"].max()
    assert str(congested.metrics["price_low_at"]) == "25.1"


@pytest.mark.parametrize(
    ("what", "wider"),
    [
        ("lowest voltage", {"lowest_pu": 0.96 * 0.99998}),
        ("flow", {"line_limits": "branch_24:5.05"}),
    ],
)
def test_a_wider_limit_saves_what_its_row_says(
    congested: Result, what: str, wider: dict
) -> None:
    """The voltage limit gives way by 0.002 %, the line's by 1 %."""
    limits = congested.tables["limits"]
    per_pct = limits.loc[limits["what"] == what, "saves_per_pct"].sum()
    saved = congested.number("cost_per_h") - optimum(**(CONGESTED | wider)).number(
        "cost_per_h"
    )
    assert saved == pytest.approx(
        per_pct * (0.002 if "lowest_pu" in wider else 1.0), rel=0.03
    )
    assert saved > 0.001


@pytest.mark.parametrize("feeder", ["ieee33", "ieee69", "ieee141"])
def test_three_formulations_agree_with_ten_ders(feeder: str) -> None:
    asked = {"feeder": feeder, "ders_at_loads": "10:400@0.08", "cost_square": 1e-5}
    nlp, socp, lp = (
        optimum(formulation=name, **asked) for name in ("nlp", "socp", "lp")
    )
    assert socp.metrics["cost_per_h"] == pytest.approx(
        nlp.metrics["cost_per_h"], rel=1e-5
    )
    assert lp.metrics["ac_cost_per_h"] == pytest.approx(
        nlp.metrics["cost_per_h"], rel=1e-3
    )
    assert 0 <= socp.number("relaxation_gap_kw") < 1e-3
    gaps = socp.tables["gaps"]["gap_kw"]
    assert gaps.sum() == pytest.approx(socp.metrics["relaxation_gap_kw"])
    assert len(gaps) == sum(line.closed for line in load_feeder(feeder).lines)
    assert "gaps" not in nlp.tables
    assert nlp.metrics["relaxation_gap_kw"] is None
    assert lp.number("worst_violation_pct") <= 0.02


def test_two_buses_by_hand(tmp_path: Path) -> None:
    """A generator cheaper than the source gives all its 100 kW, and all of the load's 500 kvar: less current, less loss.

    A little more still, for a higher voltage lowers the current too: |S|^2 x / V^2 = 900^2 0.3 / 12660^2 kvar per kvar.
    """
    save_tables(two_bus(r_ohm=0.5, x_ohm=0.3), tmp_path / "two")
    result = optimum(feeder=str(tmp_path / "two"), ders="b:100/600@0.05")
    point = result.tables["set_points"].iloc[0]
    assert (point["p_kw"], point["at"]) == (pytest.approx(100.0, abs=1e-3), "P max")
    assert point["q_kvar"] == pytest.approx(
        500 + 900**2 * 0.3 / 12660**2 * 1000, abs=0.2
    )
    assert result.metrics["ders_per_h"] == pytest.approx(5.0, abs=1e-4)
    kv = 12.66 * result.number("v_low_pu")
    assert result.metrics["bought_kw"] == pytest.approx(
        900 + 0.5 * (900 / kv) ** 2 / 1000, abs=1e-3
    )


def test_sun_and_storage_by_hand(home: str) -> None:
    """Half the sun is 40 kW; a battery that may be emptied gives its 50 kWh within the hour, one that must keep them none."""
    keep, free = (
        optimum(feeder=home, sun_pct=50.0, storage=way).tables["set_points"]["p_kw"]
        for way in ("keep", "free")
    )
    assert keep.tolist() == pytest.approx([40.0, 0.0], abs=0.01)
    assert free.tolist() == pytest.approx([40.0, 50.0], abs=0.01)


@pytest.mark.parametrize(("value", "shed_kw"), [(0.05, 1000.0), (0.5, 0.0)])
def test_load_worth_less_than_energy_is_shed(
    home: str, value: float, shed_kw: float
) -> None:
    result = optimum(feeder=home, load_value=value, sun_pct=0.0)
    assert result.metrics["shed_kw"] == pytest.approx(shed_kw, abs=0.1)
    assert result.tables["loads"]["served_pct"].tolist() == pytest.approx(
        [100 - shed_kw / 10], abs=0.01
    )
    assert result.metrics["served_value_per_h"] == pytest.approx(
        value * (1000 - shed_kw), abs=0.1
    )


def test_load_can_be_shed_without_any_der() -> None:
    result = optimum(load_value=1.0, lowest_pu=0.93)
    assert 0 < result.number("shed_kw") < 3715
    assert result.metrics["v_low_pu"] == pytest.approx(0.93, abs=1e-5)
    assert result.tables["set_points"].empty


def test_what_a_reader_has_to_know_is_said() -> None:
    said = "\n".join(optimum(feeder="ieee123", ders_at_loads="10:100").warnings)
    assert "10 of 10 DERs cost nothing" in said
    assert "3 would move on, and 0 limits be broken then" in said
    assert "126 lines have no limit" in said
    linear = optimum(formulation="lp", **CONGESTED)
    assert linear.metrics["violations"] == 0
    assert not any("On AC the set-points break" in text for text in linear.warnings)
    assert any("around the AC solution" in text for text in linear.warnings)


def test_a_relaxation_that_is_not_tight_is_not_passed_off_as_an_optimum() -> None:
    """Where energy has a price below zero, loss pays; the relaxation then invents some."""
    result = optimum(
        formulation="socp", price=-0.1, ders="18:300", lowest_pu=0.85, highest_pu=1.1
    )
    assert result.number("relaxation_gap_kw") > 1.0
    assert any("The relaxation is not tight" in text for text in result.warnings)
    assert result.number("ac_cost_per_h") > result.number("cost_per_h") + 0.1


def test_infeasible_limits_name_the_smallest_relaxation() -> None:
    """The lowest voltage that the message says can be met can be met, and none above."""
    asked: dict = {"ders": "18:100", "lowest_pu": 0.95, "broken_before": "stop"}
    with pytest.raises(
        InfeasibleError, match=r"lowest voltage at 33\.1 0\.95 -> 0\.9"
    ) as caught:
        optimum(**asked)
    lowest = min(relaxation.needed for relaxation in caught.value.relaxations)
    assert optimum(**(asked | {"lowest_pu": lowest - 1e-3})).metrics["violations"] == 0
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("error", [InfeasibleError, NoOptimumError, NotConvergedError])
def test_errors_without_an_answer_have_one_base(error: type[Exception]) -> None:
    assert issubclass(error, NoAnswerError)
    assert not issubclass(error, InputError)
    assert NoAnswerError.exit_code == 3


def test_the_page_lists_the_metrics_and_tables(congested: Result) -> None:
    page = (Path(__file__).parents[3] / "docs" / "opf.md").read_text(encoding="utf-8")
    listed = page.partition("\nMetrics: ")[2].partition('"Before"')[0]
    # every study has those of its limits, which `docs/vocabulary.md` lists
    metrics = [name for name in congested.metrics if not name.startswith("limit")]
    assert re.findall(r"`(\w+)`", listed) == metrics
    assert set(re.findall(r"`(\w+)\.parquet`", page)) == {
        *congested.tables,
        "gaps",
        "loads",
    }


def test_metrics_are_plain_numbers(congested: Result) -> None:
    assert json.dumps(congested.to_json(), allow_nan=False)
    assert all(
        isinstance(value, int | float | str | None)
        for value in congested.metrics.values()
    )
    assert not any(
        isinstance(value, np.generic) for value in congested.metrics.values()
    )


def test_what_the_feeder_breaks_is_not_known_where_it_has_no_solution(
    tmp_path: Path,
) -> None:
    """3 MW over a line that carries 2.7 MW: only the generator beside the load makes a power flow of it."""
    save_tables(two_bus(3000.0, 0.0, r_ohm=8.0, x_ohm=20.0), tmp_path / "weak")
    result = optimum(feeder=str(tmp_path / "weak"), ders="b:2600/3000")
    assert result.metrics["violations"] == 0
    assert [
        result.metrics[name]
        for name in ("violations_before", "cost_before_per_h", "loss_before_kw")
    ] == [None, None, None]
    assert any(
        "before the DERs act, the feeder has no power-flow solution" in text
        for text in result.warnings
    )
    result.write_report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "no power-flow solution" in page
    assert (
        "nan"
        not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL).lower().split()
    )


def test_money_is_said_in_its_currency() -> None:
    result = optimum(ders="18:600", currency="EUR", lowest_pu=0.9)
    assert result.metrics["currency"] == "EUR"
    assert any("0.1 EUR per kWh is assumed" in remark for remark in result.warnings)
