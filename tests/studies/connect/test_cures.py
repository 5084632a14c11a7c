"""Each cure that is said to suffice does, on a feeder that has it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from builders import two_bus
from tieline import Feeder, run_study
from tieline.studies.result import Result


def weak_feeder() -> Feeder:
    """A line whose end 600 kW of PV lift beyond 1.05 pu."""
    return two_bus(p_kw=100.0, q_kvar=0.0, r_ohm=15.0, x_ohm=25.0)


def connect(feeder: Feeder, **values: Any) -> Result:
    asked = {"bus": "b", "kw": 600.0, "most_kw": 3e3, "limits": "ansi-a"}
    return run_study("connect", feeder=feeder, **asked | values)


def cure(result: Result, name: str) -> Any:
    return result.tables["cures"].set_index("cure").loc[name]


@pytest.fixture(scope="module")
def refused() -> Result:
    return connect(weak_feeder())


def test_the_power_factor_that_suffices_is_the_mildest(refused: Result) -> None:
    assert refused.metrics["allowed"] == "no"
    power_factor = cure(refused, "power factor")
    assert power_factor["suffices"]
    number = float(power_factor["setting"].split(",")[0])
    assert connect(weak_feeder(), power_factor=-number).metrics["allowed"] == "yes"
    milder = -round(number + 0.01, 2)
    assert connect(weak_feeder(), power_factor=milder).metrics["allowed"] == "no"


def test_volt_var_fits_what_a_plant_with_volt_var_is_told(refused: Result) -> None:
    with_curve = connect(weak_feeder(), inverter="volt-var")
    volt_var = cure(refused, "volt-var")
    assert volt_var["fits_kw"] == pytest.approx(with_curve.number("capacity_kw"))
    assert volt_var["fits_kw"] > refused.number("capacity_kw")
    assert volt_var["suffices"] == (with_curve.metrics["allowed"] == "yes")


def test_the_curtailed_plant_is_allowed(refused: Result) -> None:
    kw = cure(refused, "curtailment")["fits_kw"]
    assert kw == refused.number("capacity_kw")
    assert connect(weak_feeder(), kw=kw).metrics["allowed"] == "yes"
    assert connect(weak_feeder(), kw=1.01 * kw).metrics["allowed"] == "no"


def test_a_line_that_strong_is_enough(refused: Result) -> None:
    conductor = cure(refused, "stronger conductor")
    assert conductor["suffices"]
    name, _, words = conductor["setting"].partition(": ")
    assert name == "ab"
    factor = float(words.removesuffix(" times"))
    feeder = weak_feeder()
    line = feeder.lines[0]
    code = line.code
    stronger = dataclasses.replace(
        code,
        r_ohm_per_km=((code.r_ohm_per_km[0][0] / factor,),),
        x_ohm_per_km=((code.x_ohm_per_km[0][0] / factor,),),
    )
    rebuilt = feeder.replace(lines=(dataclasses.replace(line, code=stronger),))
    result = connect(rebuilt)
    assert result.metrics["allowed"] == "yes"
    assert result.number("capacity_kw") == pytest.approx(conductor["fits_kw"], rel=0.01)


def test_an_overloaded_line_is_doubled_before_others_are() -> None:
    feeder = weak_feeder()
    rated = feeder.replace(lines=(dataclasses.replace(feeder.lines[0], rating_a=20.0),))
    result = connect(rated, limits="ansi-a", highest_pu=1.2, voltage_step_pct="off")
    assert result.metrics["binding_limit"] == "line-loading"
    assert cure(result, "stronger conductor")["setting"] == "ab: 1.5 times"
    assert not cure(result, "power factor")["suffices"]


def test_a_transformer_is_as_large_as_asked_for() -> None:
    result = run_study("connect", feeder="ieee123", bus="83", kw=500.0, kind="load")
    transformer = cure(result, "larger transformer")
    assert transformer["suffices"]
    assert transformer["setting"] == "reg1a: 1.1 times"
    assert transformer["fits_kw"] > 500


def test_nothing_to_cure_where_the_plant_fits() -> None:
    result = connect(weak_feeder(), kw=10.0)
    assert result.metrics["cures_sufficing"] is None
    assert len(result.tables["cures"]) == 0
