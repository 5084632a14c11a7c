"""What can be asked of the DER-choice environment. Its defaults are the first microgrid of the published 123-node case.

Source of feeder, number of microgrids and agents, and rating: the article on distributed optimal power flow with dynamic
microgrids, case study. The band is range B of ANSI C84.1 above: with taps held, DERs lift bus 83 over range A.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from tieline.settings import Settings
from tieline.settings.fields import LOAD_MODEL, LoadModelAsked, feeder_field


class DerChoiceEnvConfig(Settings):
    """Feeder, region, DERs, games and agents."""

    feeder: str = feeder_field("ieee123")
    load_model: LoadModelAsked = LOAD_MODEL
    microgrids: int = Field(
        default=6, ge=1, description="Microgrids that the feeder is divided into."
    )
    region: int = Field(
        default=1, ge=1, description="Which of them is played, counted from 1."
    )
    der_kw: float = Field(
        default=100.0,
        gt=0,
        description="Rating of the DER at each site of the region [kW].",
    )
    deciders: int = Field(
        default=3, ge=1, description="Agents that choose one DER each, in turn."
    )
    games: Literal["paper", "open"] = Field(
        default="open",
        description="Kind of games: paper, with loads and demand drawn; open, also level of load, offers and limits.",
    )
    lowest_pu: float = Field(
        default=0.95, gt=0, lt=1, description="Lower edge of the voltage band [pu]."
    )
    highest_pu: float = Field(
        default=1.058, gt=1, description="Upper edge of the voltage band [pu]."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.region > self.microgrids:
            raise ValueError(
                f"region ({self.region}) is above microgrids ({self.microgrids})"
            )
        return self

    @property
    def band_pu(self) -> tuple[float, float]:
        """Lowest and highest allowed voltage [pu]."""
        return self.lowest_pu, self.highest_pu
