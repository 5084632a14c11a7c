"""Flags of profiles: what is wrong with them is said once."""

from __future__ import annotations

import pytest

from tieline.config_files import make_config
from tieline.errors import InputError
from tieline.studies.time_series.config import TimeSeriesConfig


def test_an_unknown_time_zone_is_said_once() -> None:
    flags = {"time_zone": "Berlin"}
    with pytest.raises(InputError) as error:
        make_config(TimeSeriesConfig, flags, flags)
    assert str(error.value).count("'Berlin' is not known") == 1
    assert "--time-zone" in str(error.value)


def test_a_place_needs_all_its_parts() -> None:
    flags = {"latitude": "48.1"}
    with pytest.raises(InputError, match="--longitude and --time-zone"):
        make_config(TimeSeriesConfig, flags, flags)
