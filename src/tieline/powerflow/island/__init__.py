"""Islands without a grid behind them: droop units hold voltage and one common frequency, solved exactly and in batch.

`island` is the network held by its units, `operating_point` the settings and inputs of many scenarios, `solve` finds where the
droop laws meet the power flow, `solution` is what it finds. `delivered` tells the power of the units and how it moves with the
voltages, `response` how all that moves with the units' voltages, and `derivatives` by every input.
"""

from tieline.powerflow.island.derivatives import (
    IslandChange,
    IslandGradient,
    island_adjoint,
    island_tangent,
)
from tieline.powerflow.island.island import Island, make_island
from tieline.powerflow.island.solution import IslandSolution
from tieline.powerflow.island.solve import solve_island

__all__ = [
    "Island",
    "IslandChange",
    "IslandGradient",
    "IslandSolution",
    "island_adjoint",
    "island_tangent",
    "make_island",
    "solve_island",
]
