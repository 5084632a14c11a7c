"""What an optimal power flow can be asked on the command line. It is of one hour: costs are per hour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from tieline.settings.currency import CURRENCY, Currency
from tieline.settings.fields import LINE_RATING_A, LOAD_PCT, controls_field, ders_field
from tieline.settings.limit_fields import (
    FULL_RATING,
    HIGHEST_PU,
    LINE_PCT,
    LOWEST_PU,
    NEUTRAL_V,
    TRANSFORMER_PCT,
    AskedLimit,
    BrokenBeforeSettings,
    LimitSettings,
    limits_field,
)
from tieline.settings.limits import PER_BUS, LimitProfile, Limits
from tieline.settings.short_texts import DerSpec, parse_ders, parse_flows, parse_numbers
from tieline.studies.config import StudyConfig

LARGEST_NUMBER = 1e20
"""The largest number that a feeder may hold."""

Formulation = Literal["nlp", "socp", "lp"]


class OptimalPowerFlowConfig(BrokenBeforeSettings, LimitSettings, StudyConfig):
    """Set-points of DERs at least cost, within limits; controls act before the DERs do."""

    BEFORE: ClassVar[str] = "Before the DERs act"

    JUDGED: ClassVar[tuple[str, ...]] = (
        "lowest_pu",
        "highest_pu",
        "line_pct",
        "transformer_pct",
        "neutral_v",
    )
    NEEDED: ClassVar[tuple[str, ...]] = ("highest_pu",)
    BESIDE_PROFILE: ClassVar[Limits] = FULL_RATING
    LIMITS_BY_BUS: ClassVar[bool] = True

    formulation: Formulation = Field(
        default="nlp",
        description="nlp: exact AC equations, any feeder; socp: convex relaxation, radial single-phase equivalents; lp: linear "
        "rounds, radial feeders of any size.",
    )
    ders: str | None = ders_field()
    ders_at_loads: str | None = Field(
        default=None,
        description="Further generators beside the largest loads, COUNT:KW[/KVA][@COST], as 10:300@0.08.",
    )
    der_cost: float | None = Field(
        default=None,
        description="Cost of DERs that have none of their own, here or in the feeder [currency/kWh]; 0 if not given.",
    )
    der_costs: str | None = Field(
        default=None,
        description="Costs of the feeder's own DERs, NAME:COST separated by commas [currency/kWh].",
    )
    cost_square: float | None = Field(
        default=None,
        ge=0,
        description="Cost of every DER that grows with its square [currency/(kW^2 h)]; the feeder's own if not given.",
    )
    currency: Currency = CURRENCY
    price: float | None = Field(
        default=None,
        description="Price of energy at the source [currency/kWh]; the feeder's own if not given, or 0.1.",
    )
    load_value: float | None = Field(
        default=None,
        gt=0,
        description="Value of load served [currency/kWh]; load may then be shed. All is served if not given.",
    )

    load_pct: float = LOAD_PCT
    sun_pct: float = Field(
        default=100.0,
        ge=0,
        le=100,
        description="Sunlight on the feeder's PV [% of rated].",
    )
    storage: Literal["keep", "free"] = Field(
        default="keep",
        description="Stored energy: must not shrink in this hour, or is free to be used.",
    )
    controls: Literal["hold", "off"] = controls_field()

    limits: LimitProfile | Literal["feeder"] = limits_field(
        further=" feeder: those of each bus, ansi-a where it has none."
    )
    lowest_pu: AskedLimit = LOWEST_PU
    highest_pu: AskedLimit = HIGHEST_PU
    line_pct: AskedLimit = LINE_PCT
    transformer_pct: AskedLimit = TRANSFORMER_PCT
    neutral_v: AskedLimit = NEUTRAL_V
    line_rating_a: float | None = LINE_RATING_A
    line_limits: str | None = Field(
        default=None,
        description="Limits of lines in place of their rating, NAME:A separated by commas.",
    )
    transformer_limits: str | None = Field(
        default=None,
        description="Limits of transformers in place of their rating, NAME:KVA separated by commas.",
    )
    flow_limits: str | None = Field(
        default=None,
        description="Limits of active power through lines or transformers beside their rating, NAME:KW[/KW_BACK] separated by "
        "commas, from the first end to the second and back; either way the first number if there is no second.",
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

    @field_validator("flow_limits")
    @classmethod
    def _read_as_flows(cls, text: str | None) -> str | None:
        parse_flows(text)
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
            raise ValueError(
                "write one COUNT:KW[/KVA][@COST], with a whole count of at least 1"
            )
        return text

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        highest_pu = self._numbers.highest_pu
        if highest_pu is not None and highest_pu > LARGEST_NUMBER:
            yield f"highest_pu ({highest_pu:g}) must be at most {LARGEST_NUMBER:g}"

    @property
    def band_pu(self) -> tuple[float | None, float | None]:
        """Lowest and highest voltage at every bus [pu]; None stands for what each bus of the feeder states."""
        numbers = self.limit_numbers
        low_pu, high_pu = numbers.lowest_pu, numbers.highest_pu
        is_unlimited = self.limits != PER_BUS or self.lowest_pu == "off"
        return (0.0 if low_pu is None and is_unlimited else low_pu), high_pu

    @property
    def der_specs(self) -> tuple[DerSpec, ...]:
        """Generators at buses."""
        return parse_ders(self.ders)

    @property
    def load_der_spec(self) -> DerSpec | None:
        """Generator beside each of the largest loads; its place is their number."""
        return next(iter(parse_ders(self.ders_at_loads)), None)
