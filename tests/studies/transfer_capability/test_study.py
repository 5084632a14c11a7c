"""Transfer capability: by hand on one line, against a brute-force scan, its margins, its estimates, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import cut_off, two_bus
from tieline.errors import (
    InfeasibleBaseError,
    InputError,
    NotConvergedError,
    TielineError,
)
from tieline.feeders import load_feeder, save_tables
from tieline.feeders.limits import with_limits_of
from tieline.network import Network
from tieline.network.voltage_points import voltage_points
from tieline.powerflow import solve
from tieline.studies import run_study
from tieline.studies.config import make_config
from tieline.studies.line_ratings import with_line_ratings
from tieline.studies.result import Result
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.world.transfer import make_transfer

R_OHM, KV = 0.5, 12.66


@pytest.fixture
def one_line(tmp_path: Path) -> str:
    """A feeder of one resistive line with 1000 kW at its end."""
    folder = tmp_path / "one-line"
    save_tables(two_bus(p_kw=1000.0, q_kvar=0.0, r_ohm=R_OHM, x_ohm=0.0), folder)
    return str(folder)


def ask(feeder: str = "ieee33", **values: Any) -> Result:
    """A run with a fixed margin unless asked otherwise."""
    return run_study(
        "transfer-capability",
        feeder=feeder,
        **{"trm": "fraction", "trm_pct": 0.0, **values},
    )


def test_voltage_limit_of_one_line_by_hand(one_line: str) -> None:
    """v (1 - v) = r p: 0.95 pu is reached at p = 0.95 * 0.05 * V^2 / R."""
    most_kw = 0.95 * 0.05 * KV**2 / R_OHM * 1000
    metrics = ask(one_line, lowest_pu=0.95, resolution_kw=0.01).metrics
    assert metrics["ttc_kw"] == pytest.approx(most_kw - 1000, abs=0.02)
    assert (metrics["binding_limit"], metrics["binding_at"]) == ("voltage-low", "b.1")
    assert metrics["no_solution_kw"] == pytest.approx(
        KV**2 / R_OHM / 4 * 1000 - 1000, rel=1e-4
    )


def test_thermal_limit_of_one_line_by_hand(one_line: str) -> None:
    """At 100 A the line drops R I, and takes sqrt(3) V I at its end."""
    at_end_kw = math.sqrt(3) * 100 * KV - 3 * R_OHM * 100**2 / 1000
    result = ask(one_line, line_rating_a=100.0, resolution_kw=0.01)
    assert result.metrics["ttc_kw"] == pytest.approx(at_end_kw - 1000, abs=0.02)
    assert (result.metrics["binding_limit"], result.metrics["binding_at"]) == (
        "line-loading",
        "line ab",
    )
    assert result.metrics["thermal_limit_kw"] == result.metrics["ttc_kw"]


def test_margins_by_hand(one_line: str) -> None:
    result = ask(one_line, lowest_pu=0.95, trm_pct=10.0, cbm_kw=50.0)
    ttc_kw = result.number("ttc_kw")
    atc_kw = result.number("atc_kw")
    assert result.number("trm_kw") == pytest.approx(0.1 * ttc_kw)
    assert atc_kw == pytest.approx(0.9 * ttc_kw - 50.0)


def test_margin_from_draws_by_hand(one_line: str) -> None:
    """One load of 1000 kW +-20 %, evenly: TTC is what is left of the same total, so that 95 % of the draws need 180 kW."""
    result = ask(
        one_line, lowest_pu=0.95, trm="monte-carlo", spread_pct=20.0, draws=2000, seed=3
    )
    ttc_kw = result.number("ttc_kw")
    drawn = result.tables["draws"]["ttc_kw"]
    assert drawn.min() == pytest.approx(ttc_kw - 200, abs=2)
    assert drawn.max() == pytest.approx(ttc_kw + 200, abs=2)
    assert result.metrics["trm_kw"] == pytest.approx(180, abs=10)


@pytest.mark.parametrize(
    ("feeder", "values"),
    [
        ("ieee33", {"to_buses": "18,33", "line_rating_a": 400.0}),
        ("ieee33", {"from_buses": "18", "to_buses": "33", "line_rating_a": 300.0}),
        ("ieee33", {"from_buses": "18", "to_buses": "1", "highest_pu": 1.05}),
        ("ieee123", {"to_buses": "83,85"}),
        (
            "ieee37",
            {"to_buses": "725", "transformer_pct": 150.0, "limits": "en50160"},
        ),
    ],
)
def test_agrees_with_a_brute_force_scan(feeder: str, values: dict[str, Any]) -> None:
    """Step by step along the transfer, with limits read anew: the last step that holds is below TTC, the next above."""
    result = ask(feeder, **values)
    ttc_kw = result.number("ttc_kw")
    step_kw = ttc_kw / 400
    config = TransferCapabilityConfig(feeder=feeder, **values)
    own = load_feeder(feeder)
    config, _ = with_limits_of(own, config)
    transfer = make_transfer(with_line_ratings(own, config.line_rating_a), config)
    network = Network.from_feeder(transfer.feeder)
    base, devices = solve(network), network.devices
    sent_kw = np.arange(0.5, 420) * step_kw
    n = devices.n_loads
    steps = (
        {"capacitor_steps": base.capacitor_steps[0]}
        if network.feeder.capacitors
        else {}
    )
    solution = solve(
        network,
        load_kw=devices.p_kw[:n] + sent_kw[:, None] * transfer.load_kw,
        load_kvar=devices.q_kvar[:n] + sent_kw[:, None] * transfer.load_kvar,
        der_kw=-devices.p_kw[n:] + sent_kw[:, None] * transfer.der_kw,
        taps=base.taps[0],
        controls="off",
        **steps,
    )
    v_pu = voltage_points(network).magnitude_pu(solution.v_pu)
    holds = (v_pu.min(axis=1) >= 0.9) & (
        v_pu.max(axis=1) <= config.limit_numbers.highest_pu
    )
    most_pct = np.array(
        [
            values.get("transformer_pct", 100.0) if kind == "transformer" else 100.0
            for kind, _ in network.elements
        ]
    )
    holds &= (np.nan_to_num(solution.loading_pct) <= most_pct).all(axis=1)
    last = int(np.argmin(holds)) - 1
    assert 0 <= last < len(sent_kw) - 2
    assert sent_kw[last] <= ttc_kw + 0.1
    assert sent_kw[last + 1] >= ttc_kw


def test_binding_place_is_the_one_at_its_limit() -> None:
    elements = ask("ieee123").tables["elements"]
    tightest = elements.iloc[0]
    assert (tightest["limit"], tightest["place"]) == (
        "transformer-loading",
        "transformer reg1a",
    )
    assert tightest["at_ttc"] == pytest.approx(100.0, abs=0.01)


def test_estimates_stand_beside_the_answer() -> None:
    """Derivatives see voltage and current within a few percent; DC factors miss reactive power and losses and read high."""
    table = (
        ask("ieee33", line_rating_a=250.0, lowest_pu="off")
        .tables["limits"]
        .set_index("limit")
    )
    exact, tangent, dc = (
        table[name]["line-loading"]
        for name in ("transfer_kw", "tangent_estimate_kw", "dc_estimate_kw")
    )
    assert tangent == pytest.approx(exact, rel=0.03)
    # all load goes through the first line, without loss
    assert dc == pytest.approx(math.sqrt(3) * 250 * KV - 3715)
    assert dc > exact


def test_regulators_that_act_leave_more_room() -> None:
    """IEEE 13 at half load, towards its far end: held taps let the voltage sag, acting ones hold it up."""
    values = {
        "feeder": "ieee13",
        "load_pct": 50.0,
        "to_buses": "671",
        "lowest_pu": 0.97,
        "transformer_pct": "off",
    }
    held, acting = (
        ask(**values, controls=mode).number("voltage_limit_kw")
        for mode in ("hold", "feeder")
    )
    assert acting > held


def test_loads_that_turn_into_impedances_leave_no_end(one_line: str) -> None:
    """They take less the more is sent: the power flow has a solution at millions of kilowatts, which nobody could send."""
    banded = ask(one_line, lowest_pu=0.95, load_model="opendss-band")
    assert banded.metrics["no_solution_kw"] is None
    assert banded.metrics["ttc_kw"] == pytest.approx(
        ask(one_line, lowest_pu=0.95).number("ttc_kw"), abs=2
    )
    assert any("turn into impedances before" in text for text in banded.warnings)
    with pytest.raises(InputError, match="the more is sent, the less they take"):
        ask(one_line, lowest_pu="off", load_model="opendss-band")


def test_the_end_of_the_power_flow_ends_the_transfer(one_line: str) -> None:
    result = ask(one_line, lowest_pu=0.3)
    assert result.metrics["binding_limit"] == "no-solution"
    assert any(
        "No limit is known to break: TTC ends where the power flow diverged" in text
        for text in result.warnings
    )


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (
            {"lowest_pu": "off", "highest_pu": "off"},
            InputError,
            "No limit can break on feeder 'ieee33'",
        ),
        (
            {
                "lowest_pu": "off",
                "highest_pu": "off",
                "line_pct": "off",
                "transformer_pct": "off",
            },
            InputError,
            "every limit is off",
        ),
        (
            {"lowest_pu": 0.95, "broken_before": "stop"},
            InfeasibleBaseError,
            r"low voltage is outside its limit of 0\.95 pu at 21 places: bus 18 \(0\.9131 pu\)",
        ),
        ({"load_pct": 1000.0}, NotConvergedError, "Reduce the load"),
        ({"lowest_pu": 1.2}, InputError, "no voltage would be allowed"),
        ({"spread_pct": 100.0}, InputError, "spread_pct"),
        ({"to_buses": "nowhere"}, InputError, "Unknown bus"),
    ],
)
def test_questions_without_an_answer_are_named(
    values: dict[str, Any], error: type[TielineError], message: str
) -> None:
    with pytest.raises(error, match=message):
        ask(**values)
    assert error.exit_code == (2 if error is InputError else 3)


def test_a_resolution_that_no_power_flow_has_is_refused() -> None:
    with pytest.raises(
        InputError, match="resolution_kw must be at least 1e-06; got 1e-13"
    ):
        make_config(TransferCapabilityConfig, {"resolution_kw": 1e-13})


def test_draws_without_solution_are_counted(tmp_path: Path) -> None:
    """1 MW of at most 1.02 MW: of loads up to 10 % larger those above are beyond what the line can carry."""
    r_ohm = 0.9 * KV**2 / 4 / 1.02
    save_tables(
        two_bus(p_kw=900.0, q_kvar=0.0, r_ohm=r_ohm, x_ohm=0.0), tmp_path / "weak"
    )
    most_kw = KV**2 / r_ohm / 4 * 1000
    values = {"trm": "monte-carlo", "lowest_pu": 0.3, "spread_pct": 30.0, "draws": 400}
    result = ask(str(tmp_path / "weak"), **values)
    share = (1.3 - most_kw / 900.0) / 0.6  # of the draws above what can be carried
    assert result.metrics["unjudged_pct"] == pytest.approx(100 * share, abs=8)
    assert (
        result.metrics["cases_unjudged"]
        == (result.tables["draws"]["ttc_kw"] == 0).sum()
    )
    assert any("were not judged" in warning for warning in result.warnings)
    report = tmp_path / "report.html"
    result.write_report(report)
    assert ", not all draws judged</title>" in report.read_text()
    assert (
        f"in {result.metrics['cases_unjudged']} of them because there is no power-flow solution"
        in " ".join(report.read_text().split())
    )


def test_buses_without_voltage_neither_send_nor_receive(tmp_path: Path) -> None:
    """They would take part on paper only: the source would send in place of one, and a receiver's part would vanish."""
    feeder = cut_off(load_feeder("ieee33"), "18")
    assert "18" not in make_transfer(feeder, TransferCapabilityConfig()).receivers
    save_tables(feeder, tmp_path / "cut")
    for values in ({"from_buses": "18", "to_buses": "5"}, {"to_buses": "5,18"}):
        with pytest.raises(InputError, match="Bus '18' has no voltage"):
            ask(str(tmp_path / "cut"), **values)
