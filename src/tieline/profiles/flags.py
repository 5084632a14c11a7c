"""The flags of studies with time: whose load shapes, and where the sun stands. They go before the `profiles` of a file.

This file imports nothing heavy: command lines read it to print help.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field, field_validator

from tieline.profiles.config import ProfileConfig, ShapesAsked
from tieline.settings import Settings

PLACE = ("latitude", "longitude", "time_zone")


class ProfileFlags(Settings):
    """Load shapes and place; None leaves what `profiles` says."""

    shapes: ShapesAsked | None = Field(
        default=None,
        description="Load and sun over time: by the load shapes of the feeder's file where it has any (feeder), or drawn.",
    )
    latitude: float | None = Field(
        default=None,
        ge=-90,
        le=90,
        description="Latitude of the place, for the sun, north positive [deg]; Edmonton's if not given.",
    )
    longitude: float | None = Field(
        default=None,
        ge=-180,
        le=180,
        description="Longitude of the place, east positive [deg].",
    )
    time_zone: str | None = Field(
        default=None,
        description="Time zone of the place and of times without offset in tables (IANA name).",
    )
    altitude_m: float | None = Field(
        default=None,
        ge=-430,
        le=8850,
        description="Height of the place above the sea [m].",
    )

    @property
    def profile_flags(self) -> dict[str, Any]:
        """These flags by the fields of `ProfileConfig`; None where not given."""
        return {name: getattr(self, name) for name in ProfileFlags.model_fields}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        # here and not among the problems: the profiles that the flags change would say it a second time
        if name is not None:
            ProfileConfig(time_zone=name)
        return name

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        place = [getattr(self, name) for name in PLACE]
        is_asked = place[0] is not None or place[1] is not None
        if is_asked and None in place:
            yield "--latitude, --longitude and --time-zone say one place: give all three"
