"""The Monte-Carlo hull: inside the bounds, growing with the draws, the same for the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import two_bus
from tieline.network import Network
from tieline.powerflow.interval.flow import interval_power_flow
from tieline.studies.interval.sampling import sampled_hull

FLOW = interval_power_flow(Network.from_feeder(two_bus()), load_pct=20.0)


def test_hull_of_many_draws_comes_near_the_bounds_of_two_variables() -> None:
    hull = sampled_hull(FLOW, draws=3000, seed=1)
    width = hull.voltage[1] - hull.voltage[0]
    assert (hull.outside, hull.not_converged) == (0, 0)
    assert (width <= FLOW.voltage.width + 1e-9).all()
    assert width[-1] > 0.9 * FLOW.voltage.width[-1]


def test_more_draws_hold_the_fewer_of_the_same_seed() -> None:
    few, many = (sampled_hull(FLOW, draws, seed=1) for draws in (1000, 2500))
    assert (many.voltage[0] <= few.voltage[0]).all()
    assert (many.voltage[1] >= few.voltage[1]).all()
    assert (sampled_hull(FLOW, 1000, seed=1).loss == few.loss).all()


def test_draws_outside_are_counted() -> None:
    """With bounds cut to their centre nearly every draw is outside."""
    cut = replace(FLOW.voltage, low=FLOW.voltage.centre, high=FLOW.voltage.centre)
    assert sampled_hull(replace(FLOW, voltage=cut), 100, seed=1).outside == 100


def test_no_draw_has_no_hull() -> None:
    assert np.isnan(sampled_hull(FLOW, 0, seed=1).voltage).all()


def test_draws_beyond_the_feeder_are_counted() -> None:
    """At 70 000 kW the load has an answer (the most is 80 138 kW), but not with up to half more."""
    flow = interval_power_flow(
        Network.from_feeder(two_bus(p_kw=70_000.0, q_kvar=0.0, r_ohm=0.5, x_ohm=0.0)),
        load_pct=50.0,
    )
    hull = sampled_hull(flow, 400, seed=2)
    assert hull.not_converged / 400 == pytest.approx(1 - (80.138 / 70 - 0.5), abs=0.08)
