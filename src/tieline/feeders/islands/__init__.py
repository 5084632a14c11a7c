"""Islands: a part of a feeder that has lost the grid, and the units that feed it; an island is a TOML file that users edit.

`config` is what such a file says, `cut` takes the island out of its feeder, `adjust` changes its lines and loads, `devices` sets
its units at their buses, `read` does all that from a file, and `text` writes one. `cases` holds the bundled ones.
"""

from tieline.feeders.islands.config import (
    BatterySettings,
    DroopUnitSettings,
    IslandConfig,
    LoadWeight,
    MicroturbineSettings,
    RenewableSettings,
    UnitSettings,
)
from tieline.feeders.islands.cut import cut_island
from tieline.feeders.islands.read import (
    island_feeder,
    island_file,
    island_names,
    read_island,
)
from tieline.feeders.islands.text import island_text

__all__ = [
    "BatterySettings",
    "DroopUnitSettings",
    "IslandConfig",
    "LoadWeight",
    "MicroturbineSettings",
    "RenewableSettings",
    "UnitSettings",
    "cut_island",
    "island_feeder",
    "island_file",
    "island_names",
    "island_text",
    "read_island",
]
