"""Ratings by hand: what current and what power each conductor and end may carry."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders.elements import (
    Bus,
    Connection,
    Line,
    LineCode,
    Source,
    Transformer,
    Winding,
)
from tieline.feeders.feeder import Feeder
from tieline.network import Network

ALL = (1, 2, 3)
EYE = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
NONE = ((0.0,) * 3,) * 3


def rated(**line: float) -> Network:
    """A three-phase line at 12.47 kV with given ratings."""
    buses = (Bus("a", ALL, 12.47), Bus("b", ALL, 12.47))
    code = LineCode("code", EYE, EYE, NONE)
    lines = (replace(Line("ab", "a", "b", ALL, ALL, code), **line),)
    return Network.from_feeder(
        Feeder("rated", buses, (Source("grid", "a", ALL, 12.47),), lines)
    )


def test_a_line_rated_in_amperes_has_the_power_of_that_current() -> None:
    ratings = rated(rating_a=400.0).ratings
    assert ratings.conductor_a == pytest.approx([400.0] * 6)
    assert ratings.end_kva == pytest.approx([math.sqrt(3) * 12.47 * 400.0] * 2)


def test_a_line_rated_in_kva_has_the_current_of_that_power() -> None:
    ratings = rated(rating_kva=3000.0).ratings
    assert ratings.conductor_a == pytest.approx([3000.0 / math.sqrt(3) / 12.47] * 6)
    assert ratings.end_kva.tolist() == [3000.0] * 2


def test_a_line_rated_both_ways_keeps_both() -> None:
    ratings = rated(rating_a=400.0, rating_kva=3000.0).ratings
    assert (ratings.conductor_a[0], ratings.end_kva[0]) == (400.0, 3000.0)


def test_a_line_without_rating_has_none() -> None:
    ratings = rated().ratings
    assert np.isnan(ratings.conductor_a).all()
    assert np.isnan(ratings.end_kva).all()


def test_a_single_phase_equivalent_states_power_of_three_phases() -> None:
    feeder = two_bus()
    lines = (replace(feeder.lines[0], rating_kva=1500.0),)
    ratings = Network.from_feeder(feeder.replace(lines=lines)).ratings
    assert ratings.conductor_a == pytest.approx([1500.0 / math.sqrt(3) / 12.66] * 2)


@pytest.mark.parametrize("connection", ["wye", "delta"])
def test_a_winding_of_three_phases_carries_its_power_at_its_rated_voltage(
    connection: Connection,
) -> None:
    """500 kVA: 23.2 A at 12.47 kV, and 721.7 A at 0.4 kV, whatever the connection; the neutral is not rated."""
    nodes = (*ALL, 0) if connection == "wye" else ALL
    windings = (
        Winding("a", nodes, connection, 12.47, 500.0),
        Winding("b", (*ALL, 4), "wye", 0.4, 500.0),
    )
    unit = Transformer("t", 3, windings, (4.0,))
    buses = (Bus("a", ALL, 12.47), Bus("b", (*ALL, 4), 0.415))
    network = Network.from_feeder(
        Feeder("unit", buses, (Source("grid", "a", ALL, 12.47),), transformers=(unit,))
    )
    high, low = 500.0 / math.sqrt(3) / 12.47, 500.0 / math.sqrt(3) / 0.4
    assert network.ratings.conductor_a == pytest.approx(
        [high] * 3 + [low] * 3 + [math.inf]
    )
    assert network.ratings.end_kva.tolist() == [500.0, 500.0]


def test_a_rating_other_than_the_nameplate_scales_every_winding() -> None:
    """Three windings of 10, 6 and 4 MVA with a rating of 12 MVA."""
    windings = tuple(
        Winding(bus, (*ALL, 0), "wye", kv, kva)
        for bus, kv, kva in (("a", 110.0, 10e3), ("b", 20.0, 6e3), ("c", 10.0, 4e3))
    )
    unit = Transformer("t", 3, windings, (4.0, 4.0, 4.0), rating_kva=12e3)
    buses = (Bus("a", ALL, 110.0), Bus("b", ALL, 20.0), Bus("c", ALL, 10.0))
    network = Network.from_feeder(
        Feeder("unit", buses, (Source("grid", "a", ALL, 110.0),), transformers=(unit,))
    )
    assert network.ratings.end_kva == pytest.approx([12e3, 7.2e3, 4.8e3])
    assert network.ratings.of_element_kva(0) == pytest.approx(12e3)


def test_legs_of_a_split_phase_service_carry_their_own_winding() -> None:
    """50 kVA at 0.12 kV: 416.7 A in each leg."""
    windings = (
        Winding("a", (1, 0), "wye", 7.2, 50.0),
        Winding("n", (1, 0), "wye", 0.12, 50.0),
        Winding("n", (0, 2), "wye", 0.12, 50.0),
    )
    buses = (Bus("a", ALL, 12.47), Bus("n", (1, 2), 0.208))
    unit = Transformer("t", 1, windings, (2.0, 2.0, 1.4))
    network = Network.from_feeder(
        Feeder("home", buses, (Source("grid", "a", ALL, 12.47),), transformers=(unit,))
    )
    assert network.ratings.conductor_a == pytest.approx(
        [50 / 7.2, 50 / 0.12, 50 / 0.12]
    )
