"""What a power flow can be asked, and which limits its answer is held against."""

from __future__ import annotations

from typing import ClassVar, Literal

from tieline.settings.fields import LINE_RATING_A, LOAD_PCT, controls_field
from tieline.settings.limit_fields import (
    FULL_RATING,
    HIGHEST_PU,
    LINE_PCT,
    LOWEST_PU,
    NEUTRAL_V,
    REVERSE_KW,
    TRANSFORMER_PCT,
    UNBALANCE_PCT,
    AskedLimit,
    LimitSettings,
    limits_field,
)
from tieline.settings.limits import LimitProfile, Limits
from tieline.studies.config import StudyConfig


class PowerFlowConfig(LimitSettings, StudyConfig):
    """One power flow of a feeder as it stands; regulators and capacitors act."""

    FOLLOWS_INVERTERS: ClassVar[bool] = True
    # what is overloaded is asked first of a power flow, whatever a voltage standard speaks of
    BESIDE_PROFILE: ClassVar[Limits] = FULL_RATING

    load_pct: float = LOAD_PCT
    controls: Literal["feeder", "off"] = controls_field("feeder")
    limits: LimitProfile = limits_field()
    highest_pu: AskedLimit = HIGHEST_PU
    lowest_pu: AskedLimit = LOWEST_PU
    line_pct: AskedLimit = LINE_PCT
    transformer_pct: AskedLimit = TRANSFORMER_PCT
    unbalance_pct: AskedLimit = UNBALANCE_PCT
    reverse_kw: AskedLimit = REVERSE_KW
    neutral_v: AskedLimit = NEUTRAL_V
    line_rating_a: float | None = LINE_RATING_A
