"""The power flow as a study: its numbers are those of `solve`, its broken limits those that a reader counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus_holding
from tieline.feeders import load_feeder
from tieline.feeders.elements import CurrentSource
from tieline.network import Network
from tieline.network.voltage_points import voltage_points
from tieline.powerflow import solve
from tieline.studies import run_study


def test_broken_limits_are_those_of_the_solution() -> None:
    result = run_study("power-flow", feeder="ieee13", highest_pu=1.05, lowest_pu=0.97)
    solution = solve(Network.from_feeder(load_feeder("ieee13")))
    points = voltage_points(solution.network)
    v_pu = dict(
        zip(points.names, points.magnitude_pu(solution.v_pu)[0].tolist(), strict=True)
    )
    table = result.tables["violations"]
    high = {name for name, v in v_pu.items() if v > 1.05}
    low = {name for name, v in v_pu.items() if v < 0.97}
    assert set(table["place"][table["kind"] == "voltage-high"]) == high
    assert set(table["place"][table["kind"] == "voltage-low"]) == low
    assert high
    assert low
    # the worst of each kind first
    assert table["place"][table["kind"] == "voltage-low"].iloc[0] == "611.3"
    assert result.metrics["violations"] == len(table)


@pytest.mark.parametrize("feeder", ["ieee13", "ieee37", "ieee123"])
def test_powers_balance_in_all_and_by_phase(feeder: str) -> None:
    """Loads between phases split between them; their shares add up to what they take."""
    result = run_study("power-flow", feeder=feeder)
    n = result.number
    out_kw = n("load_kw") + n("loss_kw") + n("shunt_kw")
    assert n("source_kw") + n("generation_kw") == pytest.approx(out_kw, abs=1e-3)
    phases = result.tables["phases"]
    for name in ("source_kw", "source_kvar", "load_kw", "load_kvar"):
        assert phases[name].sum() == pytest.approx(n(name), rel=1e-9)


def test_powers_balance_with_a_current_source() -> None:
    """It takes power where its current is half a turn behind the voltage, and is told apart from the source."""
    source = CurrentSource("stray", "671", (1, 2, 3), 40.0, -30.0)
    feeder = load_feeder("ieee13").replace(current_sources=(source,))
    n = run_study("power-flow", feeder=feeder).number
    out_kw = n("load_kw") + n("loss_kw") + n("shunt_kw")
    assert n("current_source_kw") > 200
    in_kw = n("source_kw") + n("current_source_kw") + n("generation_kw")
    assert in_kw == pytest.approx(out_kw, abs=1e-3)
    assert n("loss_pct") == pytest.approx(100 * n("loss_kw") / in_kw)


def test_a_rating_for_all_lines_is_judged() -> None:
    """The first line of the 123-bus feeder carries 631 A in phase 1: 158 % of 400 A."""
    result = run_study("power-flow", feeder="ieee123", line_rating_a=400)
    table = result.tables["violations"]
    first = table[table["kind"] == "line-loading"].iloc[0]
    assert first["place"] == "line l115"
    assert first["value"] == pytest.approx(157.9, abs=0.1)
    assert first["excess_pct"] == pytest.approx(first["value"] - 100)
    assert result.metrics["line_loading_at"] == "line l115"
    assert not any("line loading of" in text for text in result.warnings)


def test_generators_hold_their_voltage_here() -> None:
    """In other studies they keep the Q of the snapshot; a power flow is where they hold."""
    feeder = two_bus_holding(held_q_high_kvar=1.0)
    result = run_study("power-flow", feeder=feeder)
    held = result.tables["held_voltages"].iloc[0]
    assert (held["generator"], held["at_limit"]) == ("held", "upper")
    assert held["q_kvar"] == pytest.approx(1.0)
    assert any("At a limit of their reactive power" in text for text in result.warnings)


def test_buses_have_the_extremes_of_their_phases() -> None:
    result = run_study("power-flow", feeder="ieee13")
    nodes = result.tables["nodes"]
    by_bus = nodes.groupby("bus")["v_pu"].agg(["min", "max"])
    buses = result.tables["buses"].set_index("bus")
    np.testing.assert_allclose(buses["v_low_pu"], by_bus["min"].reindex(buses.index))
    np.testing.assert_allclose(buses["v_high_pu"], by_bus["max"].reindex(buses.index))
