"""A region that tests share: the 33-bus feeder's lateral from bus 3 to bus 25 and the stretch before it, with six DERs."""

from __future__ import annotations

import pytest

from tieline.envs.market.model import ChoiceModel
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.network.attach import with_generators_at
from tieline.opf.base_flow_limits import base_flow_limits
from tieline.powerflow import solve

BUSES = ("3", "4", "5", "6", "7", "8", "23", "24", "25", "26", "27")
PLACES = ("4", "6", "8", "24", "25", "27")
BAND_PU = (0.90, 1.05)


@pytest.fixture(scope="session")
def model() -> ChoiceModel:
    """Eleven buses of the 33-bus feeder, of which six have a DER of 100 kW."""
    feeder = load_feeder("ieee33")
    limits = base_flow_limits(solve(Network.from_feeder(feeder)))
    network = Network.from_feeder(with_generators_at(feeder, PLACES, [100.0] * 6))
    return ChoiceModel.of(network, BUSES, "3", limits, BAND_PU)
