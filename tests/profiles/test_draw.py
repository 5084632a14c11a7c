"""Scenarios do not depend on how many are drawn, nor on the topics beside them."""

from __future__ import annotations

import numpy as np
import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.profiles import ProfileConfig, draw_scenarios

FEEDER = load_feeder("ieee13")
CONFIG = ProfileConfig(step_minutes=60)


def test_shapes_and_finite():
    scenarios = draw_scenarios(FEEDER, CONFIG, 3, seed=5)
    assert scenarios.load_pu.shape == (3, 24, len(FEEDER.loads))
    assert scenarios.sun_pu.shape == scenarios.price_per_mwh.shape == (3, 24)
    for series in (scenarios.load_pu, scenarios.sun_pu, scenarios.price_per_mwh):
        assert np.isfinite(series).all()
        assert series.min() >= 0
    assert str(scenarios.times.tz) == "America/Edmonton"


def test_shards_are_parts_of_the_whole():
    whole, shard = (
        draw_scenarios(FEEDER, CONFIG, 10, seed=5),
        draw_scenarios(FEEDER, CONFIG, 3, seed=5, first=6),
    )
    np.testing.assert_array_equal(shard.load_pu, whole.load_pu[6:9])
    np.testing.assert_array_equal(shard.sun_pu, whole.sun_pu[6:9])
    np.testing.assert_array_equal(shard.price_per_mwh, whole.price_per_mwh[6:9])


def test_another_sky_leaves_loads_and_prices():
    mixed, clear = (
        draw_scenarios(
            FEEDER, CONFIG.model_copy(update={"cloudiness": kind}), 2, seed=5
        )
        for kind in ("mixed", "clear")
    )
    np.testing.assert_array_equal(mixed.load_pu, clear.load_pu)
    np.testing.assert_array_equal(mixed.price_per_mwh, clear.price_per_mwh)
    assert (mixed.sun_pu != clear.sun_pu).any()


def test_seeds_and_scenarios_differ():
    one, two = (
        draw_scenarios(FEEDER, CONFIG, 2, seed=5),
        draw_scenarios(FEEDER, CONFIG, 2, seed=6),
    )
    assert (one.load_pu[0] != one.load_pu[1]).any()
    assert (one.load_pu != two.load_pu).any()


@pytest.mark.parametrize(("n", "seed", "first"), [(0, 0, 0), (1, -1, 0), (1, 0, -1)])
def test_counts_out_of_range_are_refused(n: int, seed: int, first: int):
    with pytest.raises(InputError, match="at least"):
        draw_scenarios(FEEDER, CONFIG, n, seed, first)
