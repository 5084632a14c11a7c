"""What a run over time refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tieline.studies.time_series.config import TimeSeriesConfig

WRONG: dict[str, dict[str, Any]] = {
    "give all three": {"latitude": 48.1, "longitude": 11.6},
    "is not known": {"time_zone": "Europe/Atlantis"},
    "every limit is off": {
        "limits": "high-voltage-only",
        "highest_pu": "off",
        "line_pct": "off",
        "transformer_pct": "off",
    },
}


@pytest.mark.parametrize("text", WRONG)
def test_refused(text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        TimeSeriesConfig(**WRONG[text])


def test_a_place_reaches_the_profiles() -> None:
    config = TimeSeriesConfig(latitude=48.1, longitude=11.6, time_zone="Europe/Berlin")
    profiles = config.drawn_profiles
    assert (profiles.latitude, profiles.longitude) == (48.1, 11.6)
    assert profiles.time_zone == "Europe/Berlin"
    assert TimeSeriesConfig().drawn_profiles.time_zone == "America/Edmonton"
