"""What a hosting-capacity map can be asked: which buses; the plant, situations and limits stand in `siting.config`."""

from __future__ import annotations

from pydantic import Field

from tieline.comma_lists import Texts
from tieline.studies.siting.config import SitingConfig


class HostingCapacityMapConfig(SitingConfig):
    """The largest plant at each bus, one bus at a time."""

    buses: Texts = Field(
        default=(),
        description="Buses of the map, separated by commas, 83.1 for one phase; all with voltage but the source if not given.",
    )
