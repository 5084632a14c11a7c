"""Which voltages limits apply to."""

from __future__ import annotations

import numpy as np
import pytest

from builders import cut_off, random_feeder, two_bus
from tieline.feeders import load_feeder
from tieline.feeders.elements import Bus, Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.grounding import grounded_buses
from tieline.network import Network
from tieline.network.voltage_points import (
    live_voltage_points,
    voltage_points,
)
from tieline.powerflow import solve


def floating_feeder() -> Feeder:
    """The random feeder behind a delta-delta transformer, without anything to ground behind it."""
    from tieline.feeders.elements import Transformer, Winding

    inner = random_feeder(1, 8)
    loads = tuple(load for load in inner.loads if load.connection == "delta")
    windings = tuple(
        Winding(bus, (1, 2, 3), "delta", 12.47, 5000.0) for bus in ("grid", "b0")
    )
    return inner.replace(
        buses=(Bus("grid", (1, 2, 3), 12.47), *inner.buses),
        sources=(Source("s", "grid", (1, 2, 3), 12.47),),
        transformers=(Transformer("t", 3, windings, (5.0,), antifloat_ppm=1.0),),
        loads=loads,
        capacitors=(),
    )


def test_grounded_feeder_has_one_point_per_phase_node() -> None:
    network = Network.from_feeder(random_feeder(1, 8))
    assert voltage_points(network).names == network.node_names


def test_section_behind_a_delta_has_points_between_phases() -> None:
    feeder = floating_feeder()
    assert grounded_buses(feeder) == {"grid"}
    points = voltage_points(Network.from_feeder(feeder))
    assert points.names[:6] == (
        "grid.1",
        "grid.2",
        "grid.3",
        "b0.1-2",
        "b0.1-3",
        "b0.2-3",
    )


def test_magnitudes_are_per_unit_of_the_point() -> None:
    network = Network.from_feeder(floating_feeder())
    a = np.exp(-2j * np.pi / 3)
    v = np.array(
        [a ** (int(name[-1]) - 1) for name in network.node_names], dtype=np.complex128
    )
    assert voltage_points(network).magnitude_pu(1.03 * v[None]) == pytest.approx(1.03)


def test_single_phase_equivalent_has_one_point_per_bus() -> None:
    assert voltage_points(Network.from_feeder(two_bus())).names == ("a.1", "b.1")


def test_the_linear_form_gives_the_magnitudes() -> None:
    network = Network.from_feeder(floating_feeder())
    points, random = voltage_points(network), np.random.default_rng(0)
    v_pu = random.normal(size=(3, network.n_nodes)) + 1j * random.normal(
        size=(3, network.n_nodes)
    )
    assert np.abs(v_pu @ points.across(network.n_nodes).T) == pytest.approx(
        points.magnitude_pu(v_pu)
    )


def test_no_limit_applies_where_no_supply_reaches() -> None:
    network = Network.from_feeder(cut_off(load_feeder("ieee33"), "18"))
    live = live_voltage_points(network, solve(network).v_pu)
    assert set(voltage_points(network).names) - set(live.names) == {"18.1"}
