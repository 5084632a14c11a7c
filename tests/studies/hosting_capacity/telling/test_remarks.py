"""What stands in the box on top of the report."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tieline.feeders import load_feeder
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.shell import run_study

run = partial(run_study, "hosting-capacity", None)
QUICK: dict[str, Any] = {
    "feeder": "ieee33",
    "deployments": 3,
    "max_pct": 10.0,
    "cap_pct": 10.0,
    "what_if": "off",
}

REMAINING = {name: value for name, value in QUICK.items() if name != "feeder"}


def told(**values: Any) -> str:
    return " ".join(run(HostingCapacityConfig(**QUICK, **values)).warnings)


def test_limits_that_are_off_are_named() -> None:
    assert (
        "Limits: voltage from 0.95 to 1.05 pu. Not judged: line loading, transformer loading, voltage unbalance, reverse power "
        "at the source (no number is asked for)." in told(limits="ansi-a")
    )


def test_a_feeder_that_is_near_the_limit_without_pv_is_told_of() -> None:
    feeder = load_feeder("ieee33")
    raised = replace(feeder.source, v_pu=1.048)
    near = run_study(
        "hosting-capacity", feeder=feeder.replace(sources=(raised,)), **REMAINING
    )
    assert any("already 1.0480 of 1.05 pu" in text for text in near.warnings)
    assert near.number("v_max_before_pv_pu") == pytest.approx(1.048)
    # at 1.0 pu, the source and highest voltage of the feeder as it is, all of the rise is left
    assert "already" not in told()


def test_few_draws_are_told_of() -> None:
    assert "3 deployments give no lower bound" in told()
    assert "from 72 on they do" in told()
    assert "from 6 on they do" in told(risk_pct=50.0)
    assert "falls as more are drawn" in told(risk_pct=0.0)
