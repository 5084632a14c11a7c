"""What a power flow can be asked, and which limits its answer is held against."""

from __future__ import annotations

from typing import ClassVar, Literal

from tieline.settings.fields import LOAD_PCT, controls_field
from tieline.settings.limit_fields import FULL_RATING, EveryLimitSettings
from tieline.settings.limits import Limits
from tieline.studies.config import StudyConfig


class PowerFlowConfig(EveryLimitSettings, StudyConfig):
    """One power flow of a feeder as it stands; regulators and capacitors act."""

    FOLLOWS_INVERTERS: ClassVar[bool] = True
    # what is overloaded is asked first of a power flow, whatever a voltage standard speaks of
    BESIDE_PROFILE: ClassVar[Limits] = FULL_RATING

    load_pct: float = LOAD_PCT
    controls: Literal["feeder", "off"] = controls_field("feeder")
