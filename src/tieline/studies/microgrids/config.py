"""What a run of the study of networked microgrids can be asked, beyond its world (`envs.microgrids.config`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from tieline.agents.consensus.settings import ConsensusSettings
from tieline.comma_lists import Texts
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.errors import unknown_name_message
from tieline.profiles.config import ProfileConfig
from tieline.settings.currency import CURRENCY, Currency
from tieline.studies.config import StudyConfig
from tieline.studies.microgrids.deciders import DECIDERS, SAFE

CaseName = Literal["paper-window", "peak-window", "day", "held-out", "own"]


class MicrogridsConfig(MicrogridsWorldConfig, ConsensusSettings, StudyConfig):
    """Networked microgrids: which steps are asked, and who decides."""

    INPUT_TABLES: ClassVar[tuple[str, ...]] = (
        "load_table",
        "sun_table",
        "price_table",
    )
    INPUT_POLICIES: ClassVar[tuple[str, ...]] = ("policy",)

    case: CaseName = Field(
        default="day",
        description="Which steps: the published hour at a flat price, the evening peak, a day of 24 hours, days drawn from "
        "seeds that no training sees, or days of one's own tables.",
    )
    days: int = Field(
        default=3, ge=1, le=10_000, description="Days of the cases held-out and own."
    )
    load_table: str | None = Field(
        default=None,
        description="Case own: CSV or Parquet file with loads as shares of nominal.",
    )
    sun_table: str | None = Field(
        default=None,
        description="Case own: file with one column of PV output per rating.",
    )
    price_table: str | None = Field(
        default=None,
        description="Case own: file with one column of prices [currency/MWh].",
    )
    start: date = Field(
        default=date(2025, 6, 21), description="Case own: first local day (ISO date)."
    )
    time_zone: str = Field(
        default="America/Edmonton",
        description="Case own: time zone of the place (IANA name).",
    )
    deciders: Texts | None = Field(
        default=None,
        description=f"Who decides, separated by commas: {', '.join(DECIDERS)}; left out, those that the case is made for.",
    )
    policy: str | None = Field(
        default=None,
        description="Policy file, or folder of `tieline train microgrids`; the shipped policies if they fit.",
    )
    freed_microgrids: int = Field(
        default=2,
        ge=1,
        description="How many microgrids, the first ones, have no limit of generators where it is dropped in some.",
    )
    currency: Currency = CURRENCY

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return ProfileConfig(time_zone=name).time_zone

    @field_validator("deciders")
    @classmethod
    def _exist(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        unknown = [name for name in names or () if name not in DECIDERS]
        if unknown:
            messages = [
                unknown_name_message("decider", name, DECIDERS) for name in unknown
            ]
            raise ValueError(" ".join(messages))
        return names

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        named = {name: getattr(self, name) for name in self.INPUT_TABLES}
        tables = [name for name, path in named.items() if path is not None]
        if self.case == "own" and not tables:
            yield f"case own needs a table: give {', '.join(self.INPUT_TABLES)}, one of them at least"
        if self.policy is not None and SAFE not in (self.deciders or (SAFE,)):
            yield f"policy: only decider {SAFE} asks policies. Add it to deciders, or leave policy out"
        if self.case != "own" and tables:
            yield f"{', '.join(tables)}: only case own reads tables. Add case own, or leave them out"
