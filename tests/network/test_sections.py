"""Galvanic sections: their admittance to ground by hand, and how well their voltage can be known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from builders import behind_delta, two_bus, two_wire
from tieline.network import Network
from tieline.network.sections import sections_of
from tieline.units import S_BASE_KVA


def test_a_delta_is_held_to_ground_by_its_antifloat_shunts_and_the_charging_of_its_line() -> (
    None
):
    network = Network.from_feeder(behind_delta())
    sections = sections_of(network)
    primary, secondary = (
        int(sections.of_node[network.nodes(name)[0]]) for name in ("a.1", "c.3")
    )
    assert {int(sections.of_node[k]) for k in network.nodes("b.1", "b.2", "c.1")} == {
        secondary
    }
    # of the rated line voltage; one third of it per phase to ground
    antifloat = -500.0 / S_BASE_KVA * 1e-6 / 3
    charging_s = 2 * math.pi * 60 * 3 * (6.0 - 2 * 0.5) * 1e-9 * 0.01
    charging = charging_s * 0.48**2 / 3 * 1e3 / S_BASE_KVA
    assert sections.to_ground_pu[secondary] == pytest.approx(
        abs(antifloat + charging), rel=1e-6
    )
    assert (
        1e-10
        < sections.noise_pu[secondary]
        < sections.newton_noise_pu[secondary]
        < 1e-6
    )
    assert sections.noise_pu[primary] < 1e-15


def test_an_ideal_source_earths_its_section() -> None:
    assert sections_of(Network.from_feeder(two_bus())).to_ground_pu.tolist() == [np.inf]


def test_a_neutral_is_a_section_of_its_own() -> None:
    sections = sections_of(Network.from_feeder(two_wire(electrode_ohm=2.0)))
    assert sections.of_node.tolist() == [0, 0, 1]
    assert sections.to_ground_pu[1] == pytest.approx(0.24**2 / 2.0 * 1e3 / S_BASE_KVA)
