"""One minute in arrays: loads, demand by region, and what is watched."""

from __future__ import annotations

import numpy as np
import pytest

from tieline import load_feeder
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.world.make import make_world
from tieline.studies.market.world.moments import moment_at, watched_kw

CONFIG = MarketConfig(case="ieee69")


def test_a_minute_of_two_regions() -> None:
    plant, day = make_world(load_feeder("ieee69"), CONFIG)
    evening = int(day.extra.p_kw[:, 0].argmax())
    moment = moment_at(plant, day, evening)
    assert moment.demand_kw[0] == pytest.approx(45.0)
    assert moment.demand_kw[1] == pytest.approx(day.extra.p_kw[evening, 1])
    nominal_kw = load_feeder("ieee69").peak_load_kw
    assert moment.schedule_kw.sum() == pytest.approx(nominal_kw)
    assert moment.load_kw.sum() == pytest.approx(nominal_kw + moment.demand_kw.sum())
    # 66 has a load of its own, 67 the extra one beside its own
    own_kw = next(load.p_kw for load in plant.feeder.loads if load.bus == "67")
    watched = watched_kw(plant, day, "67")
    np.testing.assert_allclose(watched, own_kw + day.extra.p_kw[:, 1])


def test_without_extra_loads_the_largest_departure_is_at_the_buyers() -> None:
    config = MarketConfig(feeder="ieee33", microgrids=2)
    plant, day = make_world(load_feeder("ieee33"), config)
    roots = tuple(region.root for region in plant.microgrids.regions)
    assert day.extra.buses == roots
    loads_kw = [region.load_kw for region in plant.microgrids.regions]
    assert day.extra.p_kw.max(axis=0) == pytest.approx(0.25 * np.array(loads_kw))
