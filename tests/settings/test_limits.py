"""Profiles of limits, and flags that override or switch off their numbers."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tieline.settings.limits import KINDS, LIMIT_FIELDS, PROFILES, kind_of
from tieline.studies.hosting_capacity.config import HostingCapacityConfig


@pytest.mark.parametrize(
    ("profile", "numbers"),
    [
        ("high-voltage-only", {"voltage-high": 1.05}),
        ("high-voltage-tight", {"voltage-high": 1.045}),
        ("ansi-a", {"voltage-high": 1.05, "voltage-low": 0.95}),
        (
            "disco",
            {
                "voltage-high": 1.05,
                "voltage-low": 0.95,
                "line-loading": 150.0,
                "transformer-loading": 150.0,
            },
        ),
        ("en50160", {"voltage-high": 1.10, "voltage-low": 0.90, "unbalance": 2.0}),
    ],
)
def test_numbers_of_each_profile(profile: str, numbers: dict[str, float]) -> None:
    limits = PROFILES[profile]
    assert {kind.name: limits.number(kind) for kind in limits.kinds} == numbers


def test_a_flag_overrides_and_off_switches_off() -> None:
    limits = HostingCapacityConfig(
        limits="disco", line_pct=120, lowest_pu="off", reverse_kw=0
    ).limit_numbers
    assert (
        limits.highest_pu,
        limits.lowest_pu,
        limits.line_pct,
        limits.transformer_pct,
    ) == (
        1.05,
        None,
        120,
        150,
    )
    assert [kind.name for kind in limits.kinds] == [
        "voltage-high",
        "line-loading",
        "transformer-loading",
        "reverse-power",
    ]


def test_a_voltage_in_percent_is_no_limit() -> None:
    with pytest.raises(ValidationError, match=r"write 1\.05 for 105 %"):
        HostingCapacityConfig(highest_pu=105)


def test_every_limit_has_one_kind() -> None:
    assert tuple(kind.field for kind in KINDS) == LIMIT_FIELDS
    assert all(kind_of(kind.name) is kind for kind in KINDS)
