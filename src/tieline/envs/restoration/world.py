"""`RestorationWorld`: an island, its limits and the forecast: what all deciders share."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.envs.grid_constraints import GridConstraints
from tieline.envs.restoration.availability import expected_kw
from tieline.envs.restoration.config import RestorationWorldConfig, Scenario
from tieline.envs.restoration.scenarios import actual_kw
from tieline.feeders.feeder import Feeder
from tieline.feeders.islands import IslandConfig
from tieline.network.voltage_points import voltage_points
from tieline.opf.branch_limits import judged_limits
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.restoration.plant import IslandPlant, make_island_plant
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class RestorationWorld:
    """What does not change from draw to draw.

    Attributes:
        config: horizon, worth, limits.
        plant: the island.
        forecast_kw: expected power of sun and wind, (step, renewable) [kW].
        grid: limits of voltages and flows.
    """

    config: RestorationWorldConfig
    plant: IslandPlant
    forecast_kw: FloatArray
    grid: GridConstraints

    def actual_kw(self, scenario: Scenario, seeds: IntArray) -> FloatArray:
        """Available power of a scenario, one draw per seed, (draw, step, renewable) [kW]."""
        p_max_kw = self.plant.renewables.p_max_kw
        return actual_kw(scenario, self.forecast_kw, p_max_kw, seeds)


def make_world(
    config: RestorationWorldConfig, island: IslandConfig, feeder: Feeder | None = None
) -> RestorationWorld:
    """The world of a configuration.

    Args:
        config: horizon, worth, limits.
        island: the island and its units.
        feeder: the island as `island_feeder` cuts it out; left out, it is cut out here.

    Raises:
        InputError, FeederError: if the island cannot be cut out or used.
    """
    # first: a table that cannot be read is said before the network is built
    forecast_kw = expected_kw(island, config)
    plant = make_island_plant(island, feeder)
    return RestorationWorld(config, plant, forecast_kw, _grid(plant, config))


def _grid(plant: IslandPlant, config: RestorationWorldConfig) -> GridConstraints:
    limits = config.limit_numbers
    assert limits.lowest_pu is not None  # of a configuration that needs both
    assert limits.highest_pu is not None
    network = plant.island.network
    branches = judged_limits(plant.feeder, limits)
    return GridConstraints(
        voltage_points(network),
        limits.lowest_pu,
        limits.highest_pu,
        FlowLimits.of(network, branches),
    )
