"""Where limits are read, and the readings on feeders small enough to check by hand."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from builders import two_bus, two_wire
from tieline.feeders import Feeder, load_feeder
from tieline.powerflow import solve
from tieline.studies.gauges import Gauge, tell_unrated
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.world.setting import Setting, prepare

ALL_ON = {"limits": "disco", "unbalance_pct": 2.0, "reverse_kw": 0.0}


def gauges(feeder: Feeder) -> tuple[Setting, dict[str, Gauge]]:
    setting = prepare(feeder, HostingCapacityConfig(**ALL_ON))
    return setting, {gauge.kind.name: gauge for gauge in setting.gauges}


def read(setting: Setting, gauge: Gauge, **inputs: Any) -> np.ndarray:
    solution = solve(setting.network, **inputs)
    return gauge.read(solution, setting.points.magnitude_pu(solution.v_pu))


def test_line_loading_and_reverse_power_of_two_buses() -> None:
    own = two_bus(0.001, 0.0, r_ohm=0.5, x_ohm=0.3)
    feeder = own.replace(lines=(dataclasses.replace(own.lines[0], rating_a=100.0),))
    setting, by_name = gauges(feeder)
    loading = read(setting, by_name["line-loading"], der_kw=[[2000.0]])
    reverse = read(setting, by_name["reverse-power"], der_kw=[[2000.0]])
    current_a = 2000.0 / (
        math.sqrt(3) * 12.66 * solve(setting.network, der_kw=[[2000.0]]).vm_pu[0, 1]
    )
    assert loading[0, 0] == pytest.approx(current_a, rel=1e-5)
    assert reverse[0, 0] == pytest.approx(
        2000.0 - 3 * 0.5 * current_a**2 / 1000, rel=1e-5
    )
    assert by_name["line-loading"].names == ("line ab",)
    assert by_name["reverse-power"].names == ("a",)


def test_elements_without_rating_are_counted() -> None:
    own = load_feeder("ieee33")
    lines = (dataclasses.replace(own.lines[0], rating_a=400.0), *own.lines[1:])
    setting, by_name = gauges(own.replace(lines=lines))
    assert (
        tell_unrated(setting.network, by_name["line-loading"])
        == "31 of 32 lines and 5 of 5 switches"
    )
    assert tell_unrated(setting.network, by_name["reverse-power"]) == ""
    assert by_name["transformer-loading"].names == ()
    # a single-phase equivalent has no three phases
    assert by_name["unbalance"].names == ()


def test_unbalance_is_negative_over_positive_sequence() -> None:
    setting, by_name = gauges(load_feeder("ieee13"))
    reading = read(setting, by_name["unbalance"], load_scale=np.ones((1, 1)))
    place = by_name["unbalance"].names.index("671")
    solution = solve(setting.network)
    v = solution.v_pu[0, setting.network.nodes("671.1", "671.2", "671.3")]
    turn = np.exp(2j * np.pi / 3)
    transform = np.array([[1, turn, turn**2], [1, turn**2, turn]]) / 3
    positive, negative = np.abs(transform @ v)
    assert reading[0, place] == pytest.approx(100 * negative / positive)
    assert 0.5 < reading[0, place] < 5


def test_transformer_loading_against_its_rating() -> None:
    setting, by_name = gauges(load_feeder("ieee13"))
    gauge = by_name["transformer-loading"]
    solution = solve(setting.network)
    place = gauge.names.index("transformer xfm1")
    rating = (
        next(unit for unit in setting.own.transformers if unit.name == "xfm1")
        .windings[0]
        .kva
    )
    loads = [load for load in setting.own.loads if load.bus == "634"]
    worst_kva = max(abs(complex(load.p_kw, load.q_kvar)) for load in loads)
    (phase,) = (
        load.nodes[0]
        for load in loads
        if abs(complex(load.p_kw, load.q_kvar)) == worst_kva
    )
    v_pu = solution.vm_pu[0, setting.network.node_index[f"634.{phase}"]]
    # a third of the rating is for each phase, and its current grows as the voltage falls
    assert gauge.read(solution, np.empty(0))[0, place] == pytest.approx(
        worst_kva / v_pu / (rating / 3) * 100, rel=1e-3
    )


def test_neutral_to_earth_voltage() -> None:
    """240 V over 0.1 ohm of wire, 28.8 ohm of load and 2 ohm of electrode: 7.77 A, which have 15.5 V at the electrode."""
    config = HostingCapacityConfig(neutral_v=10.0)
    setting = prepare(two_wire(), config)
    by_name = {gauge.kind.name: gauge for gauge in setting.gauges}
    gauge = by_name["neutral-voltage"]
    assert (gauge.names, gauge.limit) == (("b.4",), 10.0)
    expected_v = 240 / (0.1 + 28.8 + 2.0) * 2.0
    assert read(setting, gauge) == pytest.approx(np.array([[expected_v]]), rel=1e-6)


def test_a_feeder_without_neutral_has_no_place_for_its_voltage() -> None:
    setting = prepare(two_bus(), HostingCapacityConfig(neutral_v=10.0))
    (gauge,) = (one for one in setting.gauges if one.kind.name == "neutral-voltage")
    assert gauge.names == ()
