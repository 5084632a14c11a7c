"""What a transfer-capability run can be asked."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from tieline.studies.config import StudyConfig
from tieline.studies.limits import Limits

Off = Literal["off"]


class TransferCapabilityConfig(StudyConfig):
    """Available transfer capability between two sets of buses."""

    from_buses: str | None = Field(
        default=None,
        description="Sending buses, separated by commas; the source bus if not given. Others generate.",
    )
    to_buses: str | None = Field(
        default=None,
        description="Receiving buses, separated by commas; all buses with load, but the sending ones, if not given.",
    )
    power_factor: float = Field(
        default=1.0, gt=0, le=1, description="Power factor of what is received, lagging."
    )
    load_level_pct: float = Field(
        default=100.0, ge=0, description="Load before the transfer [% of nominal]."
    )
    controls: Literal["hold", "act", "off"] = Field(
        default="hold",
        description="Regulators and capacitors: stay where they rest before the transfer, act in every case, or hold the "
        "feeder's taps.",
    )

    lowest_pu: float | Off = Field(
        default=0.9, description="Lowest voltage [pu], or off; EN 50160."
    )
    highest_pu: float | Off = Field(
        default=1.1, description="Highest voltage [pu], or off; EN 50160."
    )
    line_pct: float | Off = Field(
        default=100.0, description="Highest line loading [% of rated current], or off."
    )
    transformer_pct: float | Off = Field(
        default=100.0, description="Highest transformer loading [% of rated current], or off."
    )
    line_rating_a: float | None = Field(
        default=None,
        gt=0,
        description="Rating of lines that have none [A]; they limit nothing if not given.",
    )

    trm: Literal["monte-carlo", "fraction"] = Field(
        default="monte-carlo",
        description="Reliability margin: from the spread of TTC when load and PV are uncertain, or a part.",
    )
    trm_pct: float = Field(
        default=5.0, ge=0, le=100, description="Reliability margin, if a fraction [% of TTC]."
    )
    confidence_pct: float = Field(
        default=95.0,
        gt=50,
        lt=100,
        description="Share of the draws whose TTC the margin covers, if from draws [%].",
    )
    draws: int = Field(
        default=200, ge=20, le=100_000, description="Draws of load and PV for the margin."
    )
    spread_pct: float = Field(
        default=10.0, ge=0, lt=100, description="Spread of each load in the draws, up and down [%]."
    )
    der_spread_pct: float = Field(
        default=10.0, ge=0, lt=100, description="Spread of each DER in the draws, up and down [%]."
    )
    cbm_kw: float = Field(default=0.0, ge=0, description="Capacity benefit margin, given [kW].")
    # a milliwatt: no power flow tells finer transfers apart
    resolution_kw: float = Field(
        default=0.1, ge=1e-6, description="How finely the limit is located [kW]."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        limits = self.limit_numbers
        if not limits.kinds:
            raise ValueError(
                "every limit is off: nothing stops the transfer. Leave at least one of them on"
            )
        for kind in limits.kinds:
            if limits.number(kind) <= 0:
                raise ValueError(
                    f"the limit on {kind.words} ({limits.number(kind):g}) must be above 0, or off"
                )
        low, high = limits.lowest_pu, limits.critical_pu
        if low is not None and high is not None and low >= high:
            raise ValueError(
                f"lowest_pu ({low:g}) is not below highest_pu ({high:g}): no voltage would be allowed"
            )
        return self

    @property
    def limit_numbers(self) -> Limits:
        """The limits that are on."""
        return Limits(
            critical_pu=_number(self.highest_pu),
            lowest_pu=_number(self.lowest_pu),
            line_pct=_number(self.line_pct),
            transformer_pct=_number(self.transformer_pct),
        )


def _number(value: float | Off) -> float | None:
    return value if isinstance(value, float) else None
