"""What a transfer-capability run can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from tieline.settings.fields import LINE_RATING_A, LOAD_PCT, Controls, controls_field
from tieline.settings.limit_fields import (
    FULL_RATING,
    HIGHEST_PU,
    LINE_PCT,
    LOWEST_PU,
    TRANSFORMER_PCT,
    AskedLimit,
    BrokenBeforeSettings,
    LimitSettings,
    limits_field,
)
from tieline.settings.limits import LimitProfile, Limits
from tieline.studies.config import StudyConfig


class TransferCapabilityConfig(BrokenBeforeSettings, LimitSettings, StudyConfig):
    """Available transfer capability between two sets of buses; controls act before the transfer."""

    BEFORE: ClassVar[str] = "Before any transfer"
    # the lowest voltage of this feeder is 0.913 pu before any transfer
    PUBLISHED: ClassVar[Mapping[str, LimitProfile]] = {"ieee33": "en50160"}
    JUDGED: ClassVar[tuple[str, ...]] = (
        "lowest_pu",
        "highest_pu",
        "line_pct",
        "transformer_pct",
    )
    BESIDE_PROFILE: ClassVar[Limits] = FULL_RATING
    INSTEAD: ClassVar[Mapping[str, str]] = {
        "ders": "Power is sent from from_buses to to_buses."
    }

    from_buses: str | None = Field(
        default=None,
        description="Sending buses, separated by commas, each with a generator but the source; the source bus if not given.",
    )
    to_buses: str | None = Field(
        default=None,
        description="Receiving buses, separated by commas; all buses with load, but the sending ones, if not given.",
    )
    power_factor: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="Power factor of what is received, lagging.",
    )
    load_pct: float = LOAD_PCT
    controls: Controls = controls_field()

    limits: LimitProfile = limits_field()
    lowest_pu: AskedLimit = LOWEST_PU
    highest_pu: AskedLimit = HIGHEST_PU
    line_pct: AskedLimit = LINE_PCT
    transformer_pct: AskedLimit = TRANSFORMER_PCT
    line_rating_a: float | None = LINE_RATING_A

    trm: Literal["monte-carlo", "fraction"] = Field(
        default="monte-carlo",
        description="Reliability margin: from the spread of TTC when load and DERs are uncertain, or a fraction of TTC.",
    )
    trm_pct: float = Field(
        default=5.0,
        ge=0,
        le=100,
        description="Reliability margin, if a fraction [% of TTC].",
    )
    confidence_pct: float = Field(
        default=95.0,
        gt=50,
        lt=100,
        description="Share of the draws whose TTC the margin covers, if from draws [%].",
    )
    draws: int = Field(
        default=200,
        ge=20,
        le=100_000,
        description="Draws of load and PV for the margin.",
    )
    spread_pct: float = Field(
        default=10.0,
        ge=0,
        lt=100,
        description="Spread of each load in the draws, up and down [%].",
    )
    der_spread_pct: float = Field(
        default=10.0,
        ge=0,
        lt=100,
        description="Spread of each DER in the draws, up and down [%].",
    )
    cbm_kw: float = Field(
        default=0.0, ge=0, description="Capacity benefit margin, given [kW]."
    )
    # a milliwatt: no power flow tells finer transfers apart
    resolution_kw: float = Field(
        default=0.1, ge=1e-6, description="How finely the limit is located [kW]."
    )
