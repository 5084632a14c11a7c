"""Configurations that contradict themselves are refused with the reason."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tieline.profiles import ForecastConfig, ProfileConfig


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"step_minutes": 7}, "does not divide an hour"),
        ({"time_zone": "Europe/Berln"}, "IANA name"),
        ({"residential_up_to_kw": 600}, "above commercial_up_to_kw"),
        ({"pool_floor_per_mwh": 2000}, "above its cap"),
        ({"days": 0}, "greater than or equal to 1"),
        ({"latitude": 91}, "less than or equal to 90"),
        ({"cloudines": "clear"}, "Extra inputs"),
    ],
)
def test_bad_values_are_named(values: dict[str, object], says: str):
    with pytest.raises(ValidationError, match=says):
        ProfileConfig.model_validate(values)


@pytest.mark.parametrize("model", [ProfileConfig, ForecastConfig])
def test_every_field_has_its_sentence(
    model: type[ProfileConfig] | type[ForecastConfig],
):
    assert all(field.description for field in model.model_fields.values())
