"""What an optimal power flow can be asked on the command line. It is of one hour: costs are money per hour."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from tieline.studies.config import StudyConfig
from tieline.studies.optimal_power_flow.specs import DerSpec, parse_ders, parse_numbers

Off = Literal["off"]
Formulation = Literal["nlp", "socp", "lp"]


class OptimalPowerFlowConfig(StudyConfig):
    """Set-points of DERs at least cost, within limits."""

    formulation: Formulation = Field(
        default="nlp",
        description="nlp: exact AC equations, any feeder; socp: convex relaxation, radial single-phase equivalents; lp: linear "
        "rounds, radial feeders of any size.",
    )
    ders: str | None = Field(
        default=None,
        description="Further generators, BUS:KW[/KVA][@COST] separated by commas, as 18:300,33:200/250@0.08; cost [money/kWh].",
    )
    ders_at_loads: str | None = Field(
        default=None,
        description="Further generators beside the largest loads, COUNT:KW[/KVA][@COST], as 10:300@0.08.",
    )
    der_cost: float | None = Field(
        default=None,
        description="Cost of DERs that have none of their own, here or in the feeder [money/kWh]; 0 if not given.",
    )
    der_costs: str | None = Field(
        default=None,
        description="Costs of the feeder's own DERs, NAME:COST separated by commas [money/kWh].",
    )
    cost_square: float | None = Field(
        default=None,
        ge=0,
        description="Cost of every DER that grows with its square [money/(kW^2 h)]; the feeder's own if not given.",
    )
    price: float | None = Field(
        default=None,
        description="Price of energy at the source [money/kWh]; the feeder's own if not given, or 0.1.",
    )
    load_value: float | None = Field(
        default=None,
        gt=0,
        description="Value of load served [money/kWh]; load may then be shed. All is served if not given.",
    )

    load_level_pct: float = Field(default=100.0, ge=0, description="Load [% of nominal].")
    sun_pct: float = Field(
        default=100.0, ge=0, le=100, description="Sunlight on the feeder's PV [% of rated]."
    )
    storage: Literal["keep", "free"] = Field(
        default="keep",
        description="Stored energy: must not shrink in this hour, or is free to be used.",
    )
    controls: Literal["feeder", "off"] = Field(
        default="feeder",
        description="Regulators and capacitors act before the DERs do and then stay, or hold the feeder's positions.",
    )

    lowest_pu: float | None = Field(
        default=None,
        ge=0,
        description="Lowest voltage [pu]; that of each bus in the feeder if not given, or 0.95 (ANSI C84.1).",
    )
    highest_pu: float | None = Field(
        default=None,
        gt=0,
        le=1e20,  # the largest number that a feeder may hold
        description="Highest voltage [pu]; that of each bus in the feeder if not given, or 1.05 (ANSI C84.1).",
    )
    line_pct: float | Off = Field(
        default=100.0,
        description="Highest line loading [% of rating, in A or kVA as stated], or off.",
    )
    transformer_pct: float | Off = Field(
        default=100.0, description="Highest transformer loading [% of rating in kVA], or off."
    )
    line_rating_a: float | None = Field(
        default=None,
        gt=0,
        description="Rating of lines that have none [A]; they limit nothing if not given.",
    )
    line_limits: str | None = Field(
        default=None,
        description="Limits of lines in place of their rating, NAME:A separated by commas.",
    )
    transformer_limits: str | None = Field(
        default=None,
        description="Limits of transformers in place of their rating, NAME:KVA separated by commas.",
    )

    @field_validator("ders", "ders_at_loads")
    @classmethod
    def _read_as_ders(cls, text: str | None) -> str | None:
        parse_ders(text)
        return text

    @field_validator("der_costs", "line_limits", "transformer_limits")
    @classmethod
    def _read_as_numbers(cls, text: str | None) -> str | None:
        parse_numbers(text)
        return text

    @field_validator("line_limits", "transformer_limits")
    @classmethod
    def _above_zero(cls, text: str | None) -> str | None:
        numbers = parse_numbers(text)
        wrong = [f"'{name}:{value:g}'" for name, value in numbers.items() if value <= 0]
        if wrong:
            raise ValueError(f"{', '.join(wrong)} must be above 0")
        return text

    @field_validator("ders_at_loads")
    @classmethod
    def _one_count(cls, text: str | None) -> str | None:
        specs = parse_ders(text)
        counts = [int(spec.place) if spec.place.isdigit() else 0 for spec in specs]
        if len(specs) > 1 or 0 in counts:
            raise ValueError("write one COUNT:KW[/KVA][@COST], with a whole count of at least 1")
        return text

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        low_pu, high_pu = self.lowest_pu, self.highest_pu
        if low_pu is not None and high_pu is not None and low_pu > high_pu:
            raise ValueError(
                f"lowest_pu ({low_pu:g}) is above highest_pu ({high_pu:g}): no voltage would be allowed"
            )
        for name, value in (("line_pct", self.line_pct), ("transformer_pct", self.transformer_pct)):
            if isinstance(value, float) and value <= 0:
                raise ValueError(f"{name} ({value:g}) must be above 0, or off")
        return self

    @property
    def der_specs(self) -> tuple[DerSpec, ...]:
        """Generators at buses."""
        return parse_ders(self.ders)

    @property
    def load_der_spec(self) -> DerSpec | None:
        """Generator beside each of the largest loads; its place is their number."""
        return next(iter(parse_ders(self.ders_at_loads)), None)
