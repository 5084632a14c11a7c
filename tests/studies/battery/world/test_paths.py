"""Paths of a plant are those of its feeder, worked out once."""

from __future__ import annotations

from tieline.feeders import load_feeder
from tieline.network.topology import paths_from
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.plant import make_plant


def test_paths_of_a_bus_are_kept():
    config = BatteryConfig()
    plant = make_plant(load_feeder(config.feeder), config)
    first, second = plant.bus_names[3], plant.bus_names[-1]
    for bus in (first, second):
        assert plant.paths_from(bus) == paths_from(plant.feeder, bus)
        assert plant.paths_from(bus) is plant.paths_from(bus)
