"""What an interval run can be asked. The spreads are those of M. Al-Saffar's thesis (University of Alberta), 2.2.3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from tieline.settings.fields import LOAD_PCT, controls_field
from tieline.settings.limit_fields import (
    HIGHEST_PU,
    LOWEST_PU,
    AskedLimit,
    LimitSettings,
    limits_field,
)
from tieline.settings.limits import LimitProfile
from tieline.studies.config import StudyConfig


class IntervalConfig(LimitSettings, StudyConfig):
    """Bounds of a power flow whose powers are known up to a share; controls act at the centre."""

    JUDGED: ClassVar[tuple[str, ...]] = ("lowest_pu", "highest_pu")
    NEEDED: ClassVar[tuple[str, ...]] = JUDGED

    spread_pct: float = Field(
        default=10.0,
        ge=0,
        lt=100,
        description="Spread of each load's P and Q, up and down [%].",
    )
    der_spread_pct: float = Field(
        default=10.0,
        ge=0,
        lt=100,
        description="Spread of each DER's P and Q, up and down [%].",
    )
    load_pct: float = LOAD_PCT
    order: Literal[1, 2] = Field(
        default=2,
        description="Order of the Taylor expansion; 1 for feeders with very many loads.",
    )
    draws: int = Field(
        default=10_000,
        ge=0,
        le=10_000_000,
        description="Monte-Carlo draws beside the bounds; 0 leaves them out.",
    )
    limits: LimitProfile = limits_field()
    lowest_pu: AskedLimit = LOWEST_PU
    highest_pu: AskedLimit = HIGHEST_PU
    controls: Literal["hold", "off"] = controls_field()

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.load_pct == 0:
            yield "load_pct is 0: there is no load to vary. Raise it"
        if self.spread_pct == 0 and self.der_spread_pct == 0:
            yield "spread_pct and der_spread_pct are both 0: nothing is uncertain. Raise one of them"

    @property
    def band_pu(self) -> tuple[float, float]:
        """Lowest and highest allowed voltage [pu]."""
        return self.limit_numbers.band_pu
