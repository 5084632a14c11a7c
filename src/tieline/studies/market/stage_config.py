"""The stage of a market: what a run and a training of its policies both ask. A published case is a set of values for these fields
and those of the run (`world.cases`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from tieline.agents.leader_follower.config import Credit, LeaderFollowerConfig
from tieline.comma_lists import Numbers, Texts
from tieline.settings.fields import LOAD_PCT, controls_field, ders_field, feeder_field
from tieline.settings.limit_fields import (
    HIGHEST_PU,
    LOWEST_PU,
    AskedLimit,
    LimitSettings,
    limits_field,
)
from tieline.settings.limits import LimitProfile
from tieline.settings.short_texts import parse_ders
from tieline.studies.config import StudyConfig
from tieline.studies.market.flag_texts import (
    parse_flow_limits,
    parse_losses,
    parse_peaks,
)
from tieline.studies.market.world.cases import CaseName, with_case

DEPARTURE_SHARE = 0.25
"""Peak of what each region takes beyond its schedule per its load, if nothing is asked for: the published case has 14 to 47 %."""


class MarketStageConfig(LimitSettings, StudyConfig):
    """Feeder, microgrids, DERs, departures and limits of a market, and how its policies are trained."""

    JUDGED: ClassVar[tuple[str, ...]] = ("lowest_pu", "highest_pu")
    NEEDED: ClassVar[tuple[str, ...]] = ("lowest_pu", "highest_pu")
    INSTEAD: ClassVar[Mapping[str, str]] = {
        "line_pct": "Flows are limited in kW: by limit, and by line_limit_factor.",
        "line_rating_a": "Flows are limited in kW: by limit, and by line_limit_factor.",
        "transformer_pct": "Flows are limited in kW, by limit.",
    }

    case: CaseName | None = Field(
        default=None,
        description="Published case: values for the other fields, which go before it; ieee123 if no feeder is given.",
    )
    feeder: str = feeder_field("ieee123")

    # the microgrids
    microgrids: int | None = Field(
        default=None,
        ge=1,
        description="Number of microgrids; the coupling constraint follows. Tie lines alone divide if nothing is given.",
    )
    phi_pu: float | None = Field(
        default=None,
        gt=0,
        description="Coupling constraint: |z| of a line above which a microgrid stops [pu on 1 MVA].",
    )
    root: Texts | None = Field(
        default=None,
        description="Buyer buses, separated by commas: a region around each in place of a division of the feeder.",
    )
    reach_pu: Numbers | None = Field(
        default=None,
        description="Path impedance that each of these regions reaches [pu on 1 MVA].",
    )
    barriers: Texts | None = Field(
        default=None, description="Buses that no such region holds or walks over."
    )
    smallest_pct: float = Field(
        default=3.0,
        ge=0,
        lt=100,
        description="Least load of a microgrid [% of the feeder's]; a smaller one is joined with a neighbour.",
    )
    adequate: bool = Field(
        default=True,
        description="Join microgrids whose DERs give less than their load with a neighbour.",
    )

    # who supplies
    ders: str | None = ders_field()
    der_kw: float | None = Field(
        default=None,
        gt=0,
        description="Size of the DERs at buses [kW]; if not given, enough for twice the load and for the agents of one region to "
        "cover the usual departure.",
    )
    der_count: int | None = Field(
        default=None,
        ge=1,
        description="How many of these, at the buses with the largest loads first; if not given, one at every bus up to 200.",
    )
    offer_low: float = Field(
        default=0.05,
        ge=0,
        description="Lowest offer drawn for DERs without a cost [currency/kWh].",
    )
    offer_high: float = Field(
        default=0.09, ge=0, description="Highest such offer [currency/kWh]."
    )
    offer_swing: float = Field(
        default=0.02,
        ge=0,
        description="From the lowest to the highest offer of a DER within a day; one in two is low when the others are high "
        "[currency/kWh].",
    )
    solar: Texts | None = Field(
        default=None, description="Buses of DERs whose limit follows the sun."
    )
    solar_pct: float = Field(
        default=20.0,
        ge=0,
        le=100,
        description="DERs at buses whose limit follows the sun, drawn [% of them].",
    )

    # what is asked of them
    load_pct: float = LOAD_PCT
    extra_loads: str | None = Field(
        default=None,
        description="Loads beyond the schedule, drawn, BUS:KW of their peak separated by commas; a quarter of the load of each "
        "region at its buyer bus if there is no other departure.",
    )
    reference_price: float = Field(
        default=0.10,
        description="Price of scheduled energy at the main feeder [currency/kWh].",
    )

    # limits
    limits: LimitProfile = limits_field()
    lowest_pu: AskedLimit = LOWEST_PU
    highest_pu: AskedLimit = HIGHEST_PU
    limit: str | None = Field(
        default=None,
        description="Limits of lines, LINE:KW separated by commas; a line is its name or its buses as 24-25, and KW may be told "
        "from the scheduled flow, as base-15.",
    )
    line_limit_factor: float = Field(
        default=1.5,
        gt=0,
        description="Limit of all other lines, per their flow at nominal load.",
    )
    line_limit_least_kw: float = Field(
        default=100.0, ge=0, description="Least such limit [kW]."
    )
    loss_limit: str | None = Field(
        default=None,
        description="Highest losses of lines, LINE:KW separated by commas; none if not given.",
    )
    controls: Literal["feeder", "off"] = controls_field("feeder")

    # who chooses
    agents: int = Field(
        default=3, ge=1, le=16, description="DERs that each region chooses."
    )
    games: int = Field(
        default=10_000,
        ge=1,
        le=100_000_000,
        description="Games of each region in a training.",
    )
    credit: Credit = Field(
        default=LeaderFollowerConfig.model_fields["credit"].default,
        description="What an agent learns from in a training: its own part of the gain (each), one error for all agents (joint), "
        "or what each DER it could have chosen is worth by AC (alternatives).",
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in_case(cls, values: Any) -> Any:
        return (
            with_case(values, cls.model_fields) if isinstance(values, dict) else values
        )

    @field_validator("ders")
    @classmethod
    def _read_as_ders(cls, text: str | None) -> str | None:
        with_kva = [spec.place for spec in parse_ders(text) if spec.kva != spec.kw]
        if with_kva:
            raise ValueError(
                f"a rating in kVA stands at {', '.join(with_kva)}, but DERs sell active power. Leave it out"
            )
        return text

    @field_validator("extra_loads")
    @classmethod
    def _read_as_peaks(cls, text: str | None) -> str | None:
        parse_peaks(text)
        return text

    @field_validator("limit")
    @classmethod
    def _read_as_limits(cls, text: str | None) -> str | None:
        parse_flow_limits(text)
        return text

    @field_validator("loss_limit")
    @classmethod
    def _read_as_losses(cls, text: str | None) -> str | None:
        parse_losses(text)
        return text

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        yield from self._partition_problems()
        if self.offer_low > self.offer_high:
            yield f"offer_low ({self.offer_low:g}) is above offer_high ({self.offer_high:g})"
        if self.ders is not None:
            for name in ("der_kw", "der_count"):
                if getattr(self, name) is not None:
                    yield f"ders names every DER with its size: {name} has no meaning beside it"

    def _partition_problems(self) -> Iterator[str]:
        divisions = [
            name
            for name in ("microgrids", "phi_pu", "root")
            if getattr(self, name) is not None
        ]
        if len(divisions) > 1:
            yield f"{' and '.join(divisions)} divide the feeder in different ways: give one of them"
        n_roots = len(self.root or ())
        n_reaches = len(self.reach_pu or ())
        if n_roots != n_reaches:
            yield f"root names {n_roots} buses and reach_pu has {n_reaches} numbers: give a reach for each root"
        roots = [root.lower() for root in self.root or ()]
        twice = sorted({root for root in roots if roots.count(root) > 1})
        if twice:
            yield f"root names {', '.join(twice)} twice: one of the two regions would buy nothing"
        if self.barriers is not None and self.root is None:
            yield "barriers have no meaning without root"
