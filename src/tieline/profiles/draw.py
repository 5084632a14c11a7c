"""`draw_scenarios`: the one entry point for drawn profiles."""

from __future__ import annotations

import numpy as np

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.profiles.clock import steps
from tieline.profiles.config import ProfileConfig
from tieline.profiles.loads import make_load_model
from tieline.profiles.noise import child
from tieline.profiles.price import make_price_model
from tieline.profiles.scenarios import Scenarios
from tieline.profiles.shapes import ShapeSeries, has_load_shapes, has_sun_shapes
from tieline.profiles.sunlight import make_sun_model

LOAD = 0
SUN = 1
PRICE = 2
AT_BUS = 3
"""Places of the topics in the tree of seeds: another sky leaves loads and prices of a scenario as they were."""


def draw_scenarios(
    feeder: Feeder, config: ProfileConfig, n_scenarios: int, seed: int, first: int = 0
) -> Scenarios:
    """Draw load, sun and price of a feeder.

    Scenario k depends on `seed` and k only, so a run can be cut into shards: `first=40` with ten scenarios gives numbers 40
    to 49 of any longer draw.

    Where the feeder brings load shapes along its loads follow them, the same in every scenario, and one without a shape stays at
    its nominal power; where its PV systems follow any, the sun is their mean. `config.shapes = "drawn"` draws all the same.

    Args:
        feeder: whose loads, in its order.
        config: days, place, customers, sky and prices.
        n_scenarios: how many, at least 1.
        seed: the root of all chance, at least 0.
        first: number of the first scenario, at least 0.

    Returns:
        The scenarios, in memory at once: 8 bytes times scenarios, steps and loads.

    Raises:
        InputError: if a count is out of range or the configuration names a load that is not there.
    """
    if n_scenarios < 1 or seed < 0 or first < 0:
        raise InputError(
            f"n_scenarios ({n_scenarios}) must be at least 1, seed ({seed}) and first ({first}) at least 0."
        )
    times = steps(config)
    load = make_load_model(feeder, config, times)
    sun = make_sun_model(config, times)
    price = make_price_model(config, times)
    series = ShapeSeries(feeder, times)
    load_pu = np.empty((n_scenarios, len(times), len(feeder.loads)))
    sun_pu, price_per_mwh = np.empty((2, n_scenarios, len(times)))
    follows_loads = follows_load_shapes(feeder, config)
    follows_sun = follows_sun_shapes(feeder, config)
    if follows_loads:
        load_pu[:] = series.load_pu()
    if follows_sun:
        sun_pu[:] = series.sun_pu()
    for row in range(n_scenarios):
        # a stream each: a change in how one is drawn leaves the others as they were
        number = first + row
        if not follows_loads:
            load_pu[row] = load.draw(child(seed, number, LOAD))
        if not follows_sun:
            sun_pu[row] = sun.draw(child(seed, number, SUN))
        price_per_mwh[row] = price.draw(child(seed, number, PRICE))
    return Scenarios(times, load_pu, sun_pu, price_per_mwh)


def follows_load_shapes(feeder: Feeder, config: ProfileConfig) -> bool:
    """Whether loads follow shapes of the feeder, and are not drawn."""
    return config.shapes == "feeder" and has_load_shapes(feeder)


def follows_sun_shapes(feeder: Feeder, config: ProfileConfig) -> bool:
    """Whether the sun is that of the feeder's PV systems, and is not drawn."""
    return config.shapes == "feeder" and has_sun_shapes(feeder)
