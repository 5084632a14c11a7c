"""Names that stand in addresses: of markets, participants, devices and runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import StringConstraints

NAME = r"[A-Za-z0-9][A-Za-z0-9._:-]*"
LONGEST_NAME = 100
"""Of names: what stands in an address without being escaped."""

Name = Annotated[str, StringConstraints(pattern=f"^{NAME}$", max_length=LONGEST_NAME)]
"""Name of a market, participant, device or bus."""

MarketName = Annotated[Name, Path(description="Name of the market.")]

RunId = Annotated[
    str,
    Path(pattern="^[0-9a-f]{64}$", description="Id of the run, from its Location."),
]
