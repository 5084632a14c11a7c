"""May a plant be connected: by hand on two buses, against single power flows on ieee123, and what is refused."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from builders import two_bus
from tieline import Feeder, load_feeder, run_study, solve
from tieline.errors import InputError, TielineError
from tieline.studies.result import Result

LIMITS: dict[str, Any] = {"limits": "ansi-a", "voltage_step_pct": "off"}
"""Voltage alone where a line and its source have no rating."""


def connect(feeder: Feeder | str, **values: Any) -> Result:
    return run_study("connect", feeder=feeder, **values)


def test_two_buses_take_what_the_closed_form_says() -> None:
    """With v_1 = 1, P in pu of 12.66 kV: the end of a line r + jx has v^2 = ((1 + ...)) of the quadratic of the load flow."""
    feeder = two_bus(p_kw=0.0, q_kvar=0.0, r_ohm=2.0, x_ohm=1.0)
    result = connect(
        feeder, bus="b", kw=100.0, resolution_pct=0.01, most_kw=1e4, **LIMITS
    )
    base_ohm = 12.66**2
    r, x = 2.0 / base_ohm, 1.0 / base_ohm
    # |v|^4 - (1 + 2 r p) |v|^2 + |z|^2 p^2 = 0, and |v| is 1.05 at the limit
    square = 1.05**2
    roots = np.roots([r**2 + x**2, -2 * r * square, square**2 - square])
    exact_kw = 1e3 * min(root.real for root in roots if root.real > 0)
    assert result.number("capacity_kw") == pytest.approx(exact_kw, rel=2e-4)
    assert result.metrics["allowed"] == "yes"
    assert result.metrics["binding_limit"] == "voltage-high"
    assert result.metrics["binding_at"] == "b.1"


def test_a_line_takes_its_rating() -> None:
    feeder = two_bus(p_kw=0.0, q_kvar=0.0, r_ohm=1e-3, x_ohm=1e-3)
    rated = feeder.replace(lines=(dataclasses.replace(feeder.lines[0], rating_a=20.0),))
    result = connect(rated, bus="b", kw=500.0, most_kw=2e3, resolution_pct=0.01)
    assert result.number("capacity_kw") == pytest.approx(20 * 12.66 * 3**0.5, rel=1e-3)
    assert result.metrics["binding_limit"] == "line-loading"
    assert result.metrics["allowed"] == "no"


def test_a_load_lowers_and_a_generator_lifts() -> None:
    feeder = two_bus(p_kw=100.0, q_kvar=0.0, r_ohm=2.0, x_ohm=1.0)
    values = {"bus": "b", "kw": 1e4, "most_kw": 2e4, **LIMITS}
    load = connect(feeder, kind="load", **values)
    assert load.metrics["binding_limit"] == "voltage-low"
    assert load.metrics["binding_situation"] == "peak load"
    generator = connect(feeder, kind="generator", **values)
    assert generator.metrics["binding_limit"] == "voltage-high"
    assert generator.metrics["binding_situation"] == "light load"
    battery = connect(feeder, kind="battery", **values)
    smaller = min(load.number("capacity_kw"), generator.number("capacity_kw"))
    assert battery.number("capacity_kw") == pytest.approx(smaller, rel=0.006)


def test_a_limit_that_is_broken_before_is_not_held_against_what_mends_it() -> None:
    """At peak load the end is below 0.95 pu: PV lifts it and may be connected, more load may not."""
    feeder = two_bus(p_kw=6000.0, q_kvar=0.0, r_ohm=2.0, x_ohm=1.0)
    assert solve(feeder).vm_pu.min() < 0.95
    values = {"bus": "b", "kw": 300.0, "controls": "off", **LIMITS}
    pv = connect(feeder, **values)
    assert pv.metrics["allowed"] == "yes"
    assert pv.metrics["broken_before"] == 1
    load = connect(feeder, kind="load", **values)
    assert load.metrics["allowed"] == "no"
    # a thousandth of the limit is what no instrument tells apart
    assert 0 < load.number("capacity_kw") < 100


def test_voltage_step_is_that_of_the_trip() -> None:
    feeder = load_feeder("ieee123")
    result = connect(feeder, bus="83", kw=500.0)
    limits = result.tables["limits"].set_index(["limit", "situation"])
    told = limits.loc[("voltage-step", "light load"), "with_plant"]
    base = solve(feeder, load_scale=0.3)
    plant = solve(
        feeder.with_pv("83", kw=500.0),
        load_scale=0.3,
        taps=base.taps[0],
        controls="off",
    )
    step_pct = 100 * np.abs(plant.vm_pu - base.vm_pu).max()
    assert told == pytest.approx(step_pct, rel=1e-5)


@pytest.mark.parametrize(
    ("step_pct", "words"),
    [(None, "up to 3 % above 1 kV"), (2.5, "up to 2.5 %"), ("off", "not judged")],
)
def test_the_limit_of_the_voltage_step_stands_beside_the_others(
    step_pct: object, words: str
) -> None:
    result = connect(two_bus(), bus="b", kw=1.0, voltage_step_pct=step_pct)
    start = f"Voltage step when the plant trips: {words}"
    assert any(remark.text.startswith(start) for remark in result.remarks)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"bus": "830"}, "Unknown bus '830' of feeder 'ieee123'. Did you mean"),
        ({"bus": "96", "phases": "1"}, "Bus '96' has phases 2, not 1"),
        ({"bus": "150"}, "is the source of feeder 'ieee123'"),
        ({"bus": "83", "kw": 0}, "kw must be above 0"),
        ({"bus": "83", "kw": -5}, "kw must be above 0"),
        ({"bus": "83", "phases": "a"}, "must be some of 1, 2 and 3"),
        ({"bus": "83", "power_factor": 0}, "Give a number from -1 to 1"),
        ({"bus": "83", "voltage_step_pct": 0}, "must be above 0, or off"),
        ({"bus": "83", "load_pct": 50}, "light_load_pct and peak_load_pct"),
    ],
)
def test_what_cannot_be_asked_is_said(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        connect("ieee123", **values)
    assert message in str(caught.value)


def test_a_bus_without_supply_is_refused() -> None:
    feeder = load_feeder("ieee123").with_switch("sw4", closed=False)
    with pytest.raises(TielineError, match="has no voltage"):
        connect(feeder, bus="83", kw=100.0)
