"""Configurations from values and files, and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tieline.errors import InputError
from tieline.studies.config import make_config, read_config_file
from tieline.studies.hosting_capacity.config import HostingCapacityConfig


def test_levels_run_from_none_to_the_highest() -> None:
    assert HostingCapacityConfig(step_pct=30, max_pct=100).levels_pct == (0, 30, 60, 90)
    assert HostingCapacityConfig(step_pct=0.1, max_pct=0.3).levels_pct == (
        0,
        0.1,
        0.2,
        0.3,
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"step_pct": 0}, "step_pct must be at least 1e-09; got 0"),
        ({"step_pct": -10}, "step_pct"),
        ({"step_pct": 1e-310}, "step_pct must be at least 1e-09; got 1e-310"),
        ({"light_load_pct": float("nan")}, "light_load_pct"),
        ({"max_pct": float("inf")}, "max_pct"),
        ({"deployments": 0}, "deployments"),
        (
            {"placement": "everywhere"},
            "placement must be 'random', 'uniform', 'close' or 'far'",
        ),
        (
            {"limits": "strict"},
            "limits must be 'standard', 'high-voltage-only', 'high-voltage-tight', 'ansi-a', 'disco' or 'en50160'",
        ),
        (
            {"limits": "ansi-a", "impacted_pu": 1.06},
            "impacted_pu .1.06. is above highest_pu",
        ),
        ({"step_pct": 50, "max_pct": 20}, "no level to look at"),
        ({"max_pct": 50, "cap_pct": 20}, "cap_pct .20. is below max_pct .50."),
        ({"risk_pct": 100}, "risk_pct"),
        (
            {"limits": "ansi-a", "lowest_pu": 1.05},
            "lowest_pu .1.05. is not below highest_pu .1.05.",
        ),
        ({"limits": "ansi-a", "lowest_pu": 1.2}, "no voltage would be allowed"),
        ({"limits": "high-voltage-only", "highest_pu": "off"}, "every limit is off"),
        ({"line_pct": -5}, "line_pct .-5. must be above 0, or off"),
        ({"reverse_kw": -1}, "reverse_kw .-1. must be at least 0"),
        ({"days": 2}, "days has no meaning for a snapshot"),
        (
            {"ray_address": "10.0.0.5:6379"},
            "ray_address .* has no meaning for engine local",
        ),
        ({"deployments": True}, "true is no number"),
        ({"deployments": 1.5}, "deployments must be a whole number"),
        ({"time": "profiles", "profiles": {"days": True}}, "true is no number"),
        ({"time": "profiles", "step_minutes": 7}, "does not divide an hour"),
        ({"penetration": 10}, "Unknown setting 'penetration'"),
        (
            {
                "customer_classes": (
                    {"name": "a", "smallest_pv_kw": 5, "largest_pv_kw": 3},
                )
            },
            "smallest_pv_kw is above",
        ),
        (
            {
                "customer_classes": (
                    {
                        "name": "a",
                        "up_to_load_kw": 5,
                        "smallest_pv_kw": 1,
                        "largest_pv_kw": 3,
                    },
                )
            },
            "needs a last class",
        ),
    ],
)
def test_what_cannot_be_asked_is_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_config(HostingCapacityConfig, values)


@pytest.mark.parametrize("start", ["86400", "0", "20250621", " +1.5", 86400])
def test_a_number_is_no_day(start: object) -> None:
    """Read as seconds since 1970, 86400 would be the second of January of that year; it is refused once."""
    with pytest.raises(
        InputError, match="start must be a date like 2025-06-21"
    ) as error:
        make_config(HostingCapacityConfig, {"time": "profiles", "start": start})
    assert str(error.value).count("must be") == 1


@pytest.mark.parametrize("text", ["a\0b", "\udcff"])
def test_a_name_that_no_file_can_have_is_refused(text: str) -> None:
    with pytest.raises(
        InputError, match=r"feeder must be text in UTF-8, without a zero byte"
    ):
        make_config(HostingCapacityConfig, {"feeder": text})


def test_all_wrong_fields_are_named_together() -> None:
    with pytest.raises(InputError) as error:
        make_config(
            HostingCapacityConfig, {"step_pct": -1, "deployments": -1, "seed": -1}
        )
    assert all(name in str(error.value) for name in ("step_pct", "deployments", "seed"))


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_config_file(tmp_path / "absent.toml")
    (tmp_path / "broken.toml").write_text("feeder = \n")
    with pytest.raises(InputError, match="is not TOML"):
        read_config_file(tmp_path / "broken.toml")
    (tmp_path / "deep.toml").write_text("a = " + "[" * 5000)
    with pytest.raises(InputError, match="nested deeper"):
        read_config_file(tmp_path / "deep.toml")
