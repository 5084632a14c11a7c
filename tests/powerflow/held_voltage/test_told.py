"""What is told of a generator that holds a voltage, and of one that is at its limit."""

from __future__ import annotations

import pytest

from builders import two_bus_holding
from tieline import Network, solve
from tieline.powerflow.held_voltage.told import held_voltages


def test_held_voltage_is_told() -> None:
    (told,) = held_voltages(solve(Network.from_feeder(two_bus_holding())))
    assert told.limit == ""
    assert told.v_pu == pytest.approx(1.0, abs=1e-7)


def test_limit_and_what_was_asked_are_told() -> None:
    network = Network.from_feeder(two_bus_holding(held_q_high_kvar=1.0))
    (told,) = held_voltages(solve(network))
    assert told.v_pu < 1
    assert str(told).endswith("pu  1.000 kvar, its upper limit; 1.00000 pu asked")


def test_given_reactive_power_holds_nothing() -> None:
    network = Network.from_feeder(two_bus_holding())
    assert held_voltages(solve(network, der_kvar=[7.0])) == []
