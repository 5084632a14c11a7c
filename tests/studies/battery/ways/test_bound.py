"""The bound counts what the cases count: energy bought at the source, not what the feeder's own DERs cost."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders.elements import Generator
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.bound import Bound, solve_bound
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.foresight import Foresight
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.question import Question

pytest.importorskip("clarabel")


def bound_cost(cost_per_kwh: float | None) -> float:
    """Proven least cost of a day with a generator of 50 kW that runs all the time."""
    config = BatteryConfig(step_minutes=60, highest_pu=1.1, bound="socp")
    generator = Generator(
        "g",
        "b",
        (1, 0),
        "wye",
        12.66,
        rated_kva=100.0,
        p_kw=50.0,
        cost_per_kwh=cost_per_kwh,
    )
    plant = make_plant(two_bus().replace(generators=(generator,)), config)
    day = next(make_days(plant.feeder, config))
    bound = solve_bound(Question(plant, Foresight(day, None), config))
    assert isinstance(bound, Bound), bound
    assert bound.lowest_cost is not None
    assert np.isfinite(bound.lowest_cost)
    return bound.lowest_cost


def test_what_own_generators_cost_is_no_part_of_the_bound() -> None:
    assert bound_cost(5.0) == pytest.approx(bound_cost(None), rel=1e-6)
