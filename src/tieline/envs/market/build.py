"""A `ChoiceModel` for a region of a feeder that has no market yet: a DER at every site, and limits for lines without a rating."""

from __future__ import annotations

from tieline.envs.market.config import DerChoiceEnvConfig
from tieline.envs.market.model import ChoiceModel
from tieline.feeders.asked import asked_feeder
from tieline.network.attach import with_generators_at
from tieline.network.network import Network
from tieline.network.partition import partition
from tieline.network.sites import sites
from tieline.opf.base_flow_limits import base_flow_limits
from tieline.powerflow import solve, with_fixed_q


def model_of(config: DerChoiceEnvConfig) -> ChoiceModel:
    """The model of a configuration.

    Raises:
        InputError, FeederError: if the feeder cannot be used or does not divide into so many microgrids.
        NotConvergedError: if the feeder has no solution at nominal load.
    """
    feeder = with_fixed_q(asked_feeder(config.feeder, config.load_model))
    microgrids = partition(feeder, microgrids=config.microgrids)
    region = microgrids.regions[config.region - 1]
    # before there are DERs: what they inject is to be limited by what lines carry without them
    nominal = solve(Network.from_feeder(feeder))
    # over the whole feeder: a switch at a border would else give one place a DER in each region
    every_bus = [bus.name for bus in feeder.buses]
    first_buses = [site[0] for site in sites(feeder, every_bus)]
    places = [bus for bus in first_buses if bus in region.buses]
    rated_kva = [config.der_kw] * len(places)
    with_ders = with_generators_at(feeder, places, rated_kva, "seller")
    return ChoiceModel.of(
        Network.from_feeder(with_ders),
        region.buses,
        region.root,
        base_flow_limits(nominal),
        config.band_pu,
    )
