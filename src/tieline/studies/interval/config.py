"""What an interval run can be asked. The spreads are those of M. Al-Saffar's thesis (University of Alberta), 2.2.3."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from tieline.studies.config import StudyConfig


class IntervalConfig(StudyConfig):
    """Bounds of a power flow whose powers are known up to a share."""

    spread_pct: float = Field(
        default=10.0, ge=0, lt=100, description="Spread of each load's P and Q, up and down [%]."
    )
    der_spread_pct: float = Field(
        default=10.0, ge=0, lt=100, description="Spread of each DER's P and Q, up and down [%]."
    )
    load_level_pct: float = Field(
        default=100.0, gt=0, description="Load at the centre [% of nominal]."
    )
    order: Literal[1, 2] = Field(
        default=2, description="Order of the Taylor expansion; 1 for feeders with very many loads."
    )
    draws: int = Field(
        default=10_000,
        ge=0,
        le=10_000_000,
        description="Monte-Carlo draws beside the bounds; 0 leaves them out.",
    )
    lowest_pu: float = Field(
        default=0.9,
        gt=0,
        description="A bus whose bounds go below may break a limit [pu]; EN 50160.",
    )
    highest_pu: float = Field(
        default=1.1,
        gt=0,
        description="A bus whose bounds go above may break a limit [pu]; EN 50160.",
    )
    controls: Literal["feeder", "off"] = Field(
        default="feeder",
        description="At the centre, regulators and capacitors act and then stay, or hold the feeder's taps.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.lowest_pu >= self.highest_pu:
            raise ValueError(
                f"lowest_pu ({self.lowest_pu:g}) is not below highest_pu ({self.highest_pu:g}): no voltage would be allowed"
            )
        if self.spread_pct == 0 and self.der_spread_pct == 0:
            raise ValueError(
                "spread_pct and der_spread_pct are both 0: nothing is uncertain. Raise one of them"
            )
        return self
