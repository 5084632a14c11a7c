"""Where regions buy: at their largest departure, else at their root."""

from __future__ import annotations

import dataclasses

import numpy as np

from tieline import load_feeder
from tieline.profiles import BusSeries
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.world.buyers import buyers
from tieline.studies.market.world.make import make_world


def test_the_largest_departure_buys() -> None:
    plant, day = make_world(load_feeder("ieee69"), MarketConfig(case="ieee69"))
    assert buyers(plant, day) == ("15", "67")
    series = BusSeries(("15", "20"), np.tile([1.0, 3.0], (len(day.times), 1)))
    elsewhere = dataclasses.replace(day, extra=series)
    assert buyers(plant, elsewhere) == ("20", "67")
