"""The interval study: its numbers are those of the bounds, its draws stay inside, its warnings say what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from builders import single_code, two_bus
from tieline.errors import InputError, NotConvergedError
from tieline.feeders import load_feeder, save_tables
from tieline.feeders.elements import Bus, Line, Load
from tieline.network import Network
from tieline.powerflow import solve
from tieline.studies import run_study
from tieline.studies.result import Result


def ask(**values: Any) -> Result:
    """A run of the 33-bus feeder with few draws unless asked otherwise."""
    return run_study("interval", **{"draws": 200, **values})


@pytest.mark.parametrize("spread_pct", [10.0, 20.0])
def test_33_bus_bounds_contain_ten_thousand_draws(spread_pct: float) -> None:
    result = ask(spread_pct=spread_pct, draws=10_000)
    assert (result.metrics["draws_outside"], result.metrics["draws_not_converged"]) == (
        0,
        0,
    )
    assert 1.5 < result.number("width_ratio_voltage") < 3
    assert result.number("attained_share_voltage") > 0.9999


def test_extremes_of_33_bus_are_all_loads_high_and_all_low() -> None:
    """On a radial feeder of constant-power loads every load lowers every voltage: the bounds are two power flows."""
    result = ask(spread_pct=20.0)
    high, low = (
        solve(Network.from_feeder(load_feeder("ieee33")), load_scale=scale)
        for scale in (0.8, 1.2)
    )
    table = result.tables["voltages"]
    assert table["low_pu"].to_numpy() == pytest.approx(low.vm_pu[0], abs=3e-5)
    assert table["high_pu"].to_numpy() == pytest.approx(high.vm_pu[0], abs=3e-5)
    assert result.metrics["loss_high_kw"] == pytest.approx(low.loss_kw[0], rel=3e-3)
    assert result.metrics["v_low_at"] == "18.1"


def test_points_that_may_break_are_counted() -> None:
    """0.913 pu at the end of the feeder: above 0.9 at +-10 %, perhaps below at +-20 %, surely below 0.96."""
    assert ask(limits="en50160", spread_pct=10.0).metrics["may_break"] == 0
    assert ask(limits="en50160", spread_pct=20.0).metrics["may_break"] == 7
    states = ask(lowest_pu=0.96).tables["voltages"].set_index("point")["state"]
    assert (states["18.1"], states["2.1"]) == ("breaks", "ok")


def test_no_draws_leave_the_bounds_alone() -> None:
    result = ask(draws=0)
    assert result.to_json()["metrics"]["width_ratio_voltage"] is None
    assert result.metrics["attained_share_loss"] is not None


def test_a_spread_beyond_the_feeder_is_no_answer() -> None:
    """The voltage of the source alone has bounds, and it does not move."""
    with pytest.raises(
        NotConvergedError, match=r"none of the 32 voltages .* up to 390 % of nominal"
    ):
        ask(spread_pct=30.0, load_pct=300.0, draws=0)


def test_regulators_are_said_to_stay() -> None:
    assert any(
        "stay where they are" in warning for warning in ask(feeder="ieee13").warnings
    )


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"spread_pct": 100.0}, InputError, "spread_pct"),
        ({"spread_pct": 0.0}, InputError, "Raise the spread of the loads"),
        (
            {"spread_pct": 0.0, "der_spread_pct": 0.0},
            InputError,
            "nothing is uncertain",
        ),
        ({"lowest_pu": 1.2}, InputError, "no voltage would be allowed"),
        ({"order": 3}, InputError, "order"),
        ({"load_pct": 1000.0}, NotConvergedError, "Reduce the load"),
        ({"feeder": "ieee34x"}, InputError, "ieee34"),
    ],
)
def test_questions_without_an_answer_are_named(
    values: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ask(**values)


def test_where_a_voltage_has_no_bounds_the_extremes_are_not_known(
    tmp_path: Path,
) -> None:
    """Bus b has a small load of its own line; bus c hangs on a line that cannot carry all that may be asked of it."""
    weak = Line("ac", "a", "c", (1,), (1,), single_code(8.0, 20.0, "weak"))
    beyond = Load("heavy", "c", (1, 0), "wye", 12.66, 2500.0, 0.0)
    own = two_bus(100.0, 0.0)
    feeder = own.replace(
        buses=(*own.buses, Bus("c", (1,), 12.66)),
        lines=(*own.lines, weak),
        loads=(*own.loads, beyond),
    )
    save_tables(feeder, tmp_path / "feeder")
    result = ask(feeder=str(tmp_path / "feeder"), spread_pct=10.0, lowest_pu=0.3)
    metrics = result.metrics
    assert [metrics[name] for name in ("v_low_pu", "v_high_pu", "loss_high_kw")] == [
        None,
        None,
        None,
    ]
    assert (metrics["not_bounded"], metrics["cases_unjudged"]) == (1, 1)
    assert metrics["unjudged_pct"] == pytest.approx(100 / 3)
    assert result.tables["voltages"].set_index("point")["state"].to_dict() == {
        "a.1": "ok",
        "b.1": "ok",
        "c.1": "not bounded",
    }
    assert any("not known" in warning for warning in result.warnings)
    # the solved centre breaks a limit of 0.9 pu: that much is known
    assert (
        ask(feeder=str(tmp_path / "feeder"), spread_pct=10.0).metrics["may_break"] == 1
    )
    result.write_report(tmp_path / "report.html")
    assert "1 of 3 voltages have no bounds" in (tmp_path / "report.html").read_text()


def test_bounds_take_no_load_with_corners() -> None:
    with pytest.raises(InputError, match="smooth loads"):
        ask(load_model="opendss-band")
