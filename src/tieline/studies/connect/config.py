"""What a connection study can be asked: the plant and its place; the rest stands in `siting.config`."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from tieline.studies.siting.config import SitingConfig


class ConnectConfig(SitingConfig):
    """A plant of some size at a bus."""

    bus: str | None = Field(
        default=None,
        description="Bus of the plant, or some of its phases as 83.1; the bus farthest from the source if not given.",
    )
    phases: str | None = Field(
        default=None,
        description="Phases of the bus that the plant stands on, as 1 or 1,2; all if not given.",
    )
    kw: float = Field(
        default=500.0,
        gt=0,
        description="Power of the plant [kW], above 0 in either direction.",
    )

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        wrong = [part for part in self.phase_list if part not in ("1", "2", "3")]
        if wrong:
            yield f"phases ({self.phases}) must be some of 1, 2 and 3, separated by commas"

    @property
    def phase_list(self) -> list[str]:
        """The phases that are asked for; none for all of the bus."""
        return [part.strip() for part in (self.phases or "").split(",") if part.strip()]
