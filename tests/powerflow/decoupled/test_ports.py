"""What is told across a border, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline import load_feeder
from tieline.network.partition import partition
from tieline.powerflow.decoupled.ports import GROUND, Port, port_of

TURN = np.exp(-2j * np.pi / 3)


def port(name: str) -> Port:
    feeder = load_feeder(name)
    return port_of(feeder, partition(feeder, microgrids=2).borders[0])


def test_grounded_section_tells_the_power_of_each_phase():
    told = port("ieee13")
    assert told.minus.tolist() == [GROUND] * 3
    v_pu = np.array([[1.0, TURN, TURN**2]])
    current_pu = np.array([[0.1, 0.2 * TURN, 0.3j * TURN**2]])
    assert told.power_kva(v_pu, current_pu)[0] == pytest.approx([100, 200, -300j])
    assert [unit.nodes for unit in told.generators(4.16, 90.0)] == [
        (1, 0),
        (2, 0),
        (3, 0),
    ]


def test_two_wattmeters_measure_three_wires():
    told = port("ieee37")
    v_pu = np.array([[1.0, TURN, TURN**2]])
    current_pu = np.array([[0.1, 0.2 * TURN, -0.1 - 0.2 * TURN]])
    sum_of_phases = (v_pu * np.conj(current_pu)).sum() * 1000
    assert told.power_kva(v_pu, current_pu).sum() == pytest.approx(sum_of_phases)
    # the same at any voltage of the section to ground
    shifted = told.power_kva(v_pu + 0.5j, current_pu)
    assert shifted == pytest.approx(told.power_kva(v_pu, current_pu))
    assert {unit.connection for unit in told.generators(4.8, 90.0)} == {"delta"}


def test_generators_share_the_rating():
    units = port("ieee13").generators(4.16, 90.0)
    assert [unit.rated_kva for unit in units] == [30.0, 30.0, 30.0]
    assert units[0].kv == pytest.approx(4.16 / 3**0.5)
