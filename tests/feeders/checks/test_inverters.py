"""Inverter controls that cannot be: each fault is named."""

from __future__ import annotations

from typing import Any

import pytest

from builders import two_bus
from tieline import Feeder, Pv
from tieline.feeders.elements import InverterControl

CURVE: dict[str, Any] = {"volt_var_v_pu": (0.95, 1.05), "volt_var_q_share": (1.0, -1.0)}


def with_controls(*controls: InverterControl) -> Feeder:
    pv = Pv("roof", "b", (1, 0), "wye", 12.66, 10.0, 11.0, 10.0)
    return two_bus().replace(pvs=(pv,), inverter_controls=controls)


def codes(feeder: Feeder) -> list[str]:
    return [finding.code for finding in feeder.problems]


def test_a_sound_control_has_no_finding() -> None:
    assert codes(with_controls(InverterControl("c", "roof", **CURVE))) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"der": "rof"}, "DER_UNKNOWN"),
        ({"der_kind": "storage"}, "DER_UNKNOWN"),
        ({"volt_var_v_pu": (1.05, 0.95)}, "CURVE"),
        ({"volt_var_v_pu": (1.05,)}, "CURVE"),
        ({"volt_var_q_share": (1.0, -1.5)}, "CURVE"),
        ({"q_low_kvar": -5.0}, "NEGATIVE"),
        ({"watched_bus": "b"}, "WATCHED"),
        (
            {"watched_bus": "b", "watched_nodes": (2,), "watched_kv": 7.0},
            "PHASE_MISSING",
        ),
    ],
)
def test_faults_are_named(fields: dict[str, Any], code: str) -> None:
    values: dict[str, Any] = {"name": "c", "der": "roof", **CURVE, **fields}
    control = InverterControl(**values)
    assert codes(with_controls(control)) == [f"INVERTER_CONTROL.{code}"]


def test_two_controls_of_one_der_are_named() -> None:
    controls = [InverterControl(name, "roof", **CURVE) for name in "ab"]
    assert codes(with_controls(*controls)) == ["INVERTER_CONTROL.ACTS_TWICE"]
