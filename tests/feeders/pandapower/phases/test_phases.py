"""A net with unbalance has the phase voltages of `runpp_3ph`, or those of `runpp` and a note that says why."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")
from pandapower_nets import (  # noqa: E402  it needs pandapower
    assert_same_voltages,
    base_net,
    solve_ours,
)
from tieline.feeders.pandapower import read_pandapower  # noqa: E402

ZERO_OF_TRAFO: dict[str, Any] = {
    "vector_group": "Dyn",
    "vk0_percent": 5.0,
    "vkr0_percent": 1.2,
    "mag0_percent": 90.0,
    "mag0_rx": 0.3,
    "si0_hv_partial": 0.8,
}

ZERO_OF_GRID = {"s_sc_max_mva": 20.0, "rx_max": 0.3, "x0x_max": 1.4, "r0x0_max": 0.2}


def unbalanced_net(**trafo: Any) -> Any:
    """The base net with a weak grid, a zero sequence unlike the positive one, and loads of one phase."""
    net = base_net()
    net.load["type"] = "wye"
    for column, value in ZERO_OF_GRID.items():
        net.ext_grid[column] = value
    for column, value in (ZERO_OF_TRAFO | trafo).items():
        net.trafo[column] = value
    net.line["r0_ohm_per_km"] = 0.8
    net.line["x0_ohm_per_km"] = 0.3
    net.line["c0_nf_per_km"] = 400.0
    pandapower.create_asymmetric_load(net, 2, 0.03, 0.0, 0.01, 0.01, 0.0, 0.002)
    return net


def assert_same_phases(net: Any) -> None:
    """Complex voltages of all phases agree."""
    feeder = read_pandapower(net)
    assert not feeder.single_phase_equivalent
    solution = solve_ours(net)
    ours = dict(zip(solution.network.node_names, solution.v_pu[0], strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandapower.runpp_3ph(net, numba=False, tolerance_mva=1e-11)
    table = net.res_bus_3ph
    for k, phase in enumerate("abc", start=1):
        angle = np.radians(table[f"va_{phase}_degree"])
        voltage = table[f"vm_{phase}_pu"] * np.exp(1j * angle)
        for name, value in zip(net.bus.name, voltage, strict=True):
            # it stops once powers agree within 3e-8 MVA
            assert abs(ours[f"{name}.{k}"] - value) < 3e-7, (name, k)


CASES: dict[str, dict[str, Any]] = {
    "Dyn5": {},
    "Dyn11": {"shift_degree": -30.0},
    "Dyn1": {"shift_degree": 30.0},
    "Dyn7": {"shift_degree": 210.0},
    "Dyn3": {"shift_degree": 90.0},
    "Dyn without a shift": {"shift_degree": 0.0},
    "Dyn4": {"shift_degree": 120.0},
    "Yzn5": {"vector_group": "Yzn"},
    "tap": {"tap_pos": -2},
    "two in parallel": {"parallel": 2},
    "no core": {"pfe_kw": 0.0, "i0_percent": 0.0},
}


@pytest.mark.parametrize("trafo", CASES.values(), ids=list(CASES))
def test_phases_are_those_of_runpp_3ph(trafo: dict[str, Any]) -> None:
    assert_same_phases(unbalanced_net(**trafo))


def test_generators_deltas_shunts_and_switches_too() -> None:
    net = unbalanced_net()
    spare = pandapower.create_bus(net, 0.4, name="spare")
    pandapower.create_switch(net, 2, spare, "b")
    pandapower.create_line(net, 1, spare, 0.3, "NAYY 4x50 SE", name="l2")
    net.line["r0_ohm_per_km"] = [0.8, 2.0]
    net.line["x0_ohm_per_km"] = [0.3, 0.5]
    net.line["c0_nf_per_km"] = [400.0, 300.0]
    pandapower.create_asymmetric_load(
        net, spare, 0.002, 0.004, 0.0, 0.001, 0.0, 0.0, type="delta"
    )
    pandapower.create_asymmetric_sgen(net, spare, 0.0, 0.02, 0.0, 0.0, 0.005, 0.0)
    pandapower.create_load(net, spare, 0.006, 0.002, type="delta", name="d")
    pandapower.create_sgen(net, spare, 0.006, 0.002, type="wye")
    pandapower.create_shunt(net, spare, -0.01, 0.001)
    assert_same_phases(net)


def test_equal_phases_need_none() -> None:
    net = base_net()
    pandapower.create_asymmetric_load(net, 2, 0.01, 0.01, 0.01, 0.003, 0.003, 0.003)
    feeder = read_pandapower(net)
    assert feeder.single_phase_equivalent
    assert feeder.loads[-1].p_kw == 30.0
    assert_same_voltages(net)


LACKING: dict[str, tuple[str, Any]] = {
    "r0_ohm_per_km": ("line", None),
    "vector groups other than": ("trafo", "YNyn"),
    "no connection of windings": ("trafo", 45.0),
}


@pytest.mark.parametrize("reason", LACKING)
def test_what_lacks_data_counts_together_as_in_runpp(reason: str) -> None:
    net = copy.deepcopy(unbalanced_net())
    table, value = LACKING[reason]
    if table == "line":
        net.line = net.line.drop(columns="r0_ohm_per_km")
    else:
        column = "vector_group" if isinstance(value, str) else "shift_degree"
        net.trafo[column] = value
    feeder = read_pandapower(net)
    assert feeder.single_phase_equivalent
    (note,) = (note for note in feeder.notes if note.code.endswith("PHASES_TOGETHER"))
    assert reason in note.message
    assert feeder.loads[-1].p_kw == pytest.approx(40.0)
    assert_same_voltages(net)


def test_what_runpp_3ph_passes_over_is_told() -> None:
    net = unbalanced_net()
    net.load["type"] = None
    pandapower.create_sgen(net, 2, 0.01, type="PV", name="roof")
    (note,) = read_pandapower(net).notes
    assert note.code == "PANDAPOWER.BEYOND_RUNPP_3PH"
    assert "load load, whose type" in note.message
    assert "sgen roof, whose type" in note.message
