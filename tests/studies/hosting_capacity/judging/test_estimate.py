"""The closed-form estimate against the power flow it approximates."""

from __future__ import annotations

import math

import pytest

from builders import two_bus
from tieline.network import Network
from tieline.powerflow import solve
from tieline.settings.fields import Inverter
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.judging.estimate import estimate_kw, largest_pv_pu
from tieline.studies.hosting_capacity.world.setting import prepare


def test_by_hand() -> None:
    # Vmax (Vmax - V1) / (R + tan(phi) X) + PL = 1.05 * 0.05 / (0.05 - 0.5 * 0.02) + 0.1
    assert largest_pv_pu(1.05, 1.0, 0.05, 0.02, -0.5, 0.1) == pytest.approx(1.4125)


def test_no_bound_where_injection_lowers_the_voltage() -> None:
    assert largest_pv_pu(1.05, 1.0, 0.01, 0.1, -0.5, 0.0) == math.inf


@pytest.mark.parametrize("inverter", ["unity", "power-factor"])
def test_the_estimate_raises_the_bus_to_its_limit(inverter: Inverter) -> None:
    feeder = two_bus(1000.0, 300.0, r_ohm=6.0, x_ohm=3.0)
    config = HostingCapacityConfig(inverter=inverter, light_load_pct=50.0)
    (at_source, at_load) = estimate_kw(prepare(feeder, config)).values()
    q_kvar = -math.tan(math.acos(0.95)) * at_load if inverter == "power-factor" else 0.0
    net_kw, net_kvar = 500.0 - at_load, 150.0 - q_kvar
    solved = solve(Network.from_feeder(feeder), load_kw=[net_kw], load_kvar=[net_kvar])
    # (3.1) drops the part of the voltage across the angle
    assert solved.vm_pu[0, 1] == pytest.approx(1.05, abs=2e-3)
    assert at_source == math.inf  # a stiff source does not mind


def test_nothing_to_estimate_without_a_high_voltage_limit() -> None:
    config = HostingCapacityConfig(highest_pu="off", reverse_kw=0.0)
    assert estimate_kw(prepare(two_bus(), config)) == {}


def test_load_raises_the_estimate_one_for_one() -> None:
    feeder = two_bus(1000.0, 0.0, r_ohm=6.0, x_ohm=3.0)
    half, full = (
        estimate_kw(prepare(feeder, HostingCapacityConfig(light_load_pct=pct)))["b"]
        for pct in (50.0, 100.0)
    )
    assert full - half == pytest.approx(500.0, rel=0.02)
