"""What is broken before, on small feeders of each kind, by every study that adds, sends or places something."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from builders import two_bus
from tieline import Feeder, load_feeder, run_study
from tieline.errors import InfeasibleBaseError

QUESTIONS: dict[str, dict[str, Any]] = {
    "connect": {"bus": "b", "kw": 50.0, "light_load_pct": 100.0},
    "hosting-capacity-map": {"light_load_pct": 100.0},
    "hosting-capacity": {
        "light_load_pct": 100.0,
        "deployments": 3,
        "what_if": "off",
        "cap_pct": 100,
    },
    "transfer-capability": {"trm": "fraction"},
}

NO_LIMITS = dict.fromkeys(
    ("highest_pu", "lowest_pu", "line_pct", "transformer_pct"), "off"
)


def over() -> Feeder:
    """A source that stands at 1.06 pu."""
    feeder = two_bus(p_kw=100.0)
    source = dataclasses.replace(feeder.source, v_pu=1.06)
    return feeder.replace(sources=(source,))


def under() -> Feeder:
    """A load that pulls the end of its line below 0.95 pu."""
    return two_bus(p_kw=6000.0, q_kvar=0.0, r_ohm=2.0, x_ohm=1.0)


def overloaded() -> Feeder:
    """A line of 20 A with about twice that."""
    feeder = two_bus(p_kw=800.0, r_ohm=0.1, x_ohm=0.1)
    return feeder.replace(lines=(dataclasses.replace(feeder.lines[0], rating_a=20.0),))


FEEDERS = {
    "highest_pu": (over, 1.05, {"a.1", "b.1"}),
    "lowest_pu": (under, 0.95, {"b.1"}),
    "line_pct": (overloaded, 100.0, {"line ab"}),
}


@pytest.mark.parametrize("study", QUESTIONS)
@pytest.mark.parametrize("limit", FEEDERS)
def test_what_is_broken_before_is_named_in_the_same_table(
    study: str, limit: str
) -> None:
    make, number, places = FEEDERS[limit]
    values: dict[str, Any] = {**QUESTIONS[study], **NO_LIMITS, limit: number}
    result = run_study(study, feeder=make(), **values)
    table = result.tables["broken_before"]
    assert set(table["place"]) <= places
    assert len(table) == result.number("broken_before") > 0
    assert set(table["number"]) == {number}
    assert set(table["share_pct"]) == {100.0}
    side = -1 if limit == "lowest_pu" else 1
    room = 0.001 * number
    assert (side * (table["allowed"] - table["before"])).tolist() == pytest.approx(
        [room] * len(table)
    )
    told = [text for text in result.warnings if "is outside its limit of" in text]
    assert len(told) == 1
    assert "To mend it," in told[0]
    with pytest.raises(InfeasibleBaseError, match="is outside its limit of"):
        run_study(study, feeder=make(), **values, broken_before="stop")


def test_unbalance_before_is_not_held_against_a_plant_on_three_phases() -> None:
    """All loads of ieee13 on one phase would be more than 2 % out of balance; a plant on three phases hardly changes that."""
    values = {"bus": "671", "kw": 50.0, "voltage_step_pct": "off", **NO_LIMITS}
    result = run_study("connect", feeder="ieee13", unbalance_pct=0.5, **values)
    table = result.tables["broken_before"]
    assert set(table["limit"]) == {"unbalance"}
    assert "671" in set(table["place"])
    assert result.metrics["allowed"] == "yes"


def test_what_makes_it_worse_is_refused_and_what_mends_it_is_not() -> None:
    values: dict[str, Any] = {
        **QUESTIONS["connect"],
        **NO_LIMITS,
        "voltage_step_pct": "off",
    }
    large: dict[str, Any] = values | {"highest_pu": 1.05, "kw": 2000.0}
    worse = run_study("connect", feeder=over(), **large)
    assert worse.metrics["allowed"] == "no"
    by_loading: dict[str, Any] = values | {"line_pct": 100.0}
    mended = run_study("connect", feeder=overloaded(), **by_loading)
    assert mended.metrics["allowed"] == "yes"


def test_draws_of_a_transfer_are_judged_by_what_each_has_before() -> None:
    """A source that is high stays where it is in every draw: the transfer ends by the lowest voltage, not at once."""
    result = run_study(
        "transfer-capability", feeder=over(), draws=20, lowest_pu=0.9, highest_pu=1.05
    )
    assert (result.tables["draws"]["ttc_kw"] > 0).all()
    assert result.metrics["binding_limit"] == "voltage-low"


def test_a_feeder_within_its_limits_has_none() -> None:
    feeder = load_feeder("ieee33")
    result = run_study("connect", feeder=feeder, bus="18", kw=10.0, limits="en50160")
    assert result.tables["broken_before"].empty
