"""Reactive power of inverters: the standard's curve, and the power flow that settles on it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from builders import two_bus
from tieline import Pv, run_study
from tieline.feeders import load_feeder
from tieline.feeders.elements import InverterControl
from tieline.powerflow import Solution
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.world.setting import Setting, prepare
from tieline.studies.inverters import (
    CURVE,
    KVA_PER_KW,
    Snapshots,
    solve_with_inverters,
)


def snapshots(setting: Setting, pv_kw: list[float]) -> Snapshots:
    """One site's PV, without load at its own bus."""
    rows = (
        np.array(pv_kw)[:, None]
        * np.ones(len(setting.sites.load_kw))
        / len(setting.sites.load_kw)
    )
    load = np.zeros((len(pv_kw), len(setting.own.loads)))
    return Snapshots(load, load, rows, rows * KVA_PER_KW)


def site_q_pu(setting: Setting, given: Snapshots, solution: Solution) -> np.ndarray:
    q_kvar = solution.der_kva.imag[:, setting.plant.sites]
    return q_kvar / np.where(given.pv_kva > 0, given.pv_kva, 1.0)


def test_the_curve_of_the_standard() -> None:
    # IEEE 1547-2018, table 8, category B: corners, and half-way between them
    v = np.array([0.80, 0.92, 0.95, 0.98, 1.0, 1.02, 1.05, 1.08, 1.2])
    assert CURVE.share_at(v) == pytest.approx(
        [0.44, 0.44, 0.22, 0.0, 0.0, 0.0, -0.22, -0.44, -0.44]
    )


def test_an_inverter_has_room_for_its_reactive_power_at_full_sun() -> None:
    assert math.hypot(1.0, 0.44 * KVA_PER_KW) == pytest.approx(KVA_PER_KW)


def test_fixed_power_factor_absorbs() -> None:
    setting = prepare(two_bus(), HostingCapacityConfig())
    given = snapshots(setting, [1000.0])
    solution = solve_with_inverters(setting.plant, given, "power-factor", 0.95, "off")
    power = solution.der_kva[0, 0]
    assert power.real == pytest.approx(1000.0)
    assert power.real / abs(power) == pytest.approx(0.95)
    assert power.imag < 0


@pytest.mark.parametrize("x_ohm", [0.5, 6.0, 20.0])
def test_volt_var_settles_on_its_curve(x_ohm: float) -> None:
    # with 20 ohm the voltage answers so strongly that plain repetition of q = curve(v) would swing without end
    setting = prepare(
        two_bus(100.0, 0.0, r_ohm=6.0, x_ohm=x_ohm), HostingCapacityConfig()
    )
    given = snapshots(setting, [0.0, 500.0, 1500.0, 2500.0])
    solution = solve_with_inverters(setting.plant, given, "volt-var", 0.95, "off")
    assert solution.converged.all()
    q_pu = site_q_pu(setting, given, solution)[1:]
    assert q_pu[:, 0] == pytest.approx(CURVE.share_at(solution.vm_pu[1:, 1]), abs=2e-4)
    assert q_pu[-1, 0] < -0.04


def test_regulators_and_volt_var_come_to_rest_together() -> None:
    setting = prepare(load_feeder("ieee13"), HostingCapacityConfig())
    given = snapshots(setting, [1000.0, 3000.0])
    solution = solve_with_inverters(setting.plant, given, "volt-var", 0.95, "feeder")
    assert solution.converged.all()
    voltage = setting.plant.site_v_pu(solution.v_pu)
    assert site_q_pu(setting, given, solution) == pytest.approx(
        CURVE.share_at(voltage), abs=2e-4
    )
    held = solve_with_inverters(setting.plant, given, "unity", 0.95, "feeder")
    assert voltage.max() < setting.plant.site_v_pu(held.v_pu).max()


def test_the_voltage_of_a_three_phase_site_is_the_mean_of_its_phases() -> None:
    setting = prepare(load_feeder("ieee13"), HostingCapacityConfig())
    # three single-phase loads: each its own
    site = next(k for k, load in enumerate(setting.own.loads) if load.bus == "675")
    phase = setting.own.loads[site].nodes[0]
    node = setting.network.node_index[f"675.{phase}"]
    assert setting.plant.site_v_pu(setting.base.v_pu)[0, site] == pytest.approx(
        setting.base.vm_pu[0, node], rel=2e-3
    )
    delta = next(k for k, load in enumerate(setting.own.loads) if load.bus == "671")
    v = [
        setting.base.v_pu[0, setting.network.node_index[f"671.{p}"]] for p in (1, 2, 3)
    ]
    across = [abs(v[0] - v[1]), abs(v[1] - v[2]), abs(v[2] - v[0])]
    assert setting.plant.site_v_pu(setting.base.v_pu)[0, delta] == pytest.approx(
        np.mean(across) / math.sqrt(3), rel=2e-3
    )


def test_inverters_of_the_feeder_follow_their_curve_beside_the_sites() -> None:
    feeder = two_bus(100.0, 0.0, r_ohm=6.0, x_ohm=6.0)
    pv = Pv("roof", "b", (1, 0), "wye", 12.66, 1000.0, 1200.0, 1000.0)
    control = InverterControl(
        "curve",
        "roof",
        volt_var_v_pu=CURVE.v_pu,
        volt_var_q_share=CURVE.q_share,
        q_base="limits",
    )
    following = feeder.replace(pvs=(pv,), inverter_controls=(control,))
    setting = prepare(following, HostingCapacityConfig())
    given = snapshots(setting, [1500.0])
    for inverter in ("unity", "volt-var"):
        solution = solve_with_inverters(setting.plant, given, inverter, 0.95, "off")
        q_kvar = solution.der_kva[0, 0].imag
        expected = CURVE.share_at(solution.vm_pu[0, 1]) * 1200.0
        assert q_kvar == pytest.approx(expected, abs=0.05)
        assert q_kvar < -50


def test_studies_that_cannot_follow_say_that_inverters_keep_their_powers() -> None:
    pv = Pv("roof", "b", (1, 0), "wye", 12.66, 1000.0, 1200.0, 1000.0)
    control = InverterControl(
        "curve", "roof", volt_var_v_pu=CURVE.v_pu, volt_var_q_share=CURVE.q_share
    )
    feeder = two_bus().replace(pvs=(pv,), inverter_controls=(control,))
    told = {
        name: any(
            "inverters follow" in text
            for text in run_study(name, feeder=feeder).warnings
        )
        for name in ("interval", "hosting-capacity")
    }
    assert told == {"interval": True, "hosting-capacity": False}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("connect", {"bus": "b", "kw": 10.0}),
        ("hosting-capacity-map", {"buses": "b"}),
    ],
)
def test_a_plant_at_a_bus_meets_inverters_that_follow(
    name: str, values: dict[str, Any]
) -> None:
    """A study that does not follow says so in a note."""
    pv = Pv("roof", "b", (1, 0), "wye", 12.66, 10.0, 11.0, 10.0)
    control = InverterControl(
        "curve", "roof", volt_var_v_pu=(0.95, 1.05), volt_var_q_share=(0.4, -0.4)
    )
    feeder = two_bus().replace(pvs=(pv,), inverter_controls=(control,))
    warnings = run_study(name, feeder=feeder, **values).warnings
    assert not any("characteristic" in text for text in warnings)
    held = run_study("interval", feeder=feeder).warnings
    assert any("characteristic" in text for text in held)
