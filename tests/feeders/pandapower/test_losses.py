"""Losses and voltages of transformers equal pandapower's: every kind of core, tap changer and model is a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")

from pandapower_nets import assert_same, base_net, run_pandapower, solve_ours  # noqa: E402
from tieline.feeders import FeederError  # noqa: E402
from tieline.feeders.pandapower import read_pandapower  # noqa: E402

STD_TYPES = (
    "0.25 MVA 20/0.4 kV",
    "0.4 MVA 20/0.4 kV",
    "0.63 MVA 20/0.4 kV",
    "0.25 MVA 10/0.4 kV",
    "0.63 MVA 10/0.4 kV",
)


def changed(change: Callable[[Any], Any]) -> Any:
    """The base net after a change."""
    net = base_net()
    change(net)
    return net


def with_trafo(**columns: Any) -> Any:
    """The base net with other cells in its transformer's row."""
    net = base_net()
    for column, value in columns.items():
        net.trafo[column] = value
    return net


def with_tap(side: Any = "hv", kind: Any = "Ratio", **columns: Any) -> Any:
    """The base net with a tap changer."""
    tap = {
        "tap_pos": 3,
        "tap_neutral": 0,
        "tap_min": -5,
        "tap_max": 5,
        "tap_step_percent": 2.5,
        "tap_step_degree": 0.0,
    }
    return with_trafo(tap_side=side, tap_changer_type=kind, **{**tap, **columns})


@pytest.mark.parametrize("std_type", STD_TYPES)
@pytest.mark.parametrize("load_mw", [0.0, 0.08])
def test_standard_types(std_type: str, load_mw: float) -> None:
    net = base_net(std_type)
    if "10/0.4" in std_type:
        net.bus.loc[0, "vn_kv"] = 10.0
    net.load["p_mw"] = load_mw
    assert_same(net)


CORES = {
    "loss alone": {"i0_percent": 0.0},
    "current alone": {"pfe_kw": 0.0},
    "no core": {"pfe_kw": 0.0, "i0_percent": 0.0},
    "large core": {"pfe_kw": 20.0, "i0_percent": 12.0},
    "current below loss": {"pfe_kw": 4.0, "i0_percent": 0.1},
    "leakage on one side": {
        "leakage_resistance_ratio_hv": 0.2,
        "leakage_reactance_ratio_hv": 0.9,
    },
    "two in parallel": {"parallel": 2},
    "off-nominal": {"vn_hv_kv": 21.0, "vn_lv_kv": 0.42},
    "hardly any reactance": {"vk_percent": 3.0, "vkr_percent": 2.999},
    "turned by 5 hours": {"shift_degree": 150.0},
}


@pytest.mark.parametrize("columns", CORES.values(), ids=list(CORES))
@pytest.mark.parametrize("model", ["t", "pi"])
def test_cores(columns: dict[str, float], model: str) -> None:
    net = with_trafo(**columns)
    pandapower.set_user_pf_options(net, trafo_model=model)
    assert_same(net)


TAPS = {
    "ratio": with_tap,
    "ratio down": lambda: with_tap(tap_pos=-4),
    "low side": lambda: with_tap(side="lv", tap_pos=2),
    "across": lambda: with_tap(kind="Symmetrical", tap_step_degree=60.0),
    "ideal": lambda: with_tap(kind="Ideal", tap_step_percent=0.0, tap_step_degree=1.5),
    "ideal by voltage": lambda: with_tap(kind="Ideal"),
    "neutral that is not 0": lambda: with_tap(tap_neutral=2),
    "half a step": lambda: with_tap(tap_pos=1.5),
    "no type": lambda: with_tap(kind=None),
    "no neutral": lambda: with_tap(tap_neutral=np.nan),
    "no position": lambda: with_tap(tap_pos=np.nan, tap_neutral=5),
    "no side": lambda: with_tap(side=None),
    "no step": lambda: with_tap(tap_step_percent=np.nan),
    "no limits": lambda: with_tap(tap_min=np.nan, tap_max=np.nan),
    "beyond its limits": lambda: with_tap(tap_pos=7),
    "second changer": lambda: with_trafo(
        tap2_side="lv",
        tap2_pos=2,
        tap2_neutral=0,
        tap2_step_percent=1.0,
        tap2_step_degree=0.0,
        tap2_changer_type="Ratio",
    ),
}


@pytest.mark.parametrize("net", TAPS.values(), ids=list(TAPS))
def test_taps(net: Callable[[], Any]) -> None:
    assert_same(net())


@pytest.mark.parametrize("missing", ["tap_pos", "tap_neutral"])
def test_a_changer_without_effect_is_noted(missing: str) -> None:
    notes = solve_ours(with_tap(**{missing: np.nan})).network.feeder.notes
    assert [note.code for note in notes] == ["PANDAPOWER.TAP_WITHOUT_EFFECT"]
    assert missing in notes[0].message


def test_a_magnetising_current_below_zero_counts_as_its_magnitude() -> None:
    net = with_trafo(i0_percent=-5.0)
    notes = solve_ours(net).network.feeder.notes
    assert [note.code for note in notes] == ["PANDAPOWER.MAGNETISING_SIGN"]
    assert_same(net)


def test_no_load_loss_by_hand() -> None:
    """1.35 kW at 1.02 pu and no load is 1.35 x 1.02^2 = 1.4045 kW, less what the leakage takes."""
    net = base_net()
    net.load["in_service"] = False
    assert solve_ours(net).loss_kw[0] == pytest.approx(1.4045, abs=2e-4)


def test_the_core_loads_the_transformer() -> None:
    """Its current at no load is that of the whole core: pandapower's loading."""
    net = with_trafo(i0_percent=5.0)
    net.load["in_service"] = False
    run_pandapower(net)
    table = solve_ours(net).branch_table()
    loading = table[table.kind == "transformer"].loading_pct.iloc[0]
    assert loading == pytest.approx(net.res_trafo.loading_percent.iloc[0], rel=1e-6)


OPTIONS: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "loads at any voltage": (
        {"voltage_depend_loads": False},
        lambda net: net.load.__setitem__(
            ["const_z_p_percent", "const_i_q_percent"], [[100.0, 50.0]]
        ),
    ),
    "warm lines": (
        {"consider_line_temperature": True},
        lambda net: [
            net.line.__setitem__("temperature_degree_celsius", 80.0),
            net.line.__setitem__("alpha", 0.00403),
        ],
    ),
    "warm lines without coefficient": (
        {"consider_line_temperature": True},
        lambda net: net.line.__setitem__("temperature_degree_celsius", 50.0),
    ),
    "no angles": (
        {"calculate_voltage_angles": False},
        lambda net: net.trafo.__setitem__("shift_degree", 150.0),
    ),
    "open lines dropped": (
        {"neglect_open_switch_branches": True},
        lambda net: [
            pandapower.create_line(net, 1, 2, 5.0, "NAYY 4x150 SE", name="spare"),
            pandapower.create_switch(net, 2, 1, "l", closed=False),
        ],
    ),
    "switches of another angle": (
        {"switch_rx_ratio": 0.5},
        lambda net: [
            pandapower.create_bus(net, 0.4, name="end"),
            pandapower.create_switch(net, 2, 3, "b", z_ohm=0.02),
            pandapower.create_load(net, 3, 0.02, 0.01),
        ],
    ),
    "how, not what": (
        {"init": "dc", "max_iteration": 50, "check_connectivity": True},
        lambda _: None,
    ),
}


@pytest.mark.parametrize(("options", "change"), OPTIONS.values(), ids=list(OPTIONS))
def test_options_that_travel_with_the_net(
    options: dict[str, Any], change: Callable[[Any], Any]
) -> None:
    net = changed(change)
    pandapower.set_user_pf_options(net, **options)
    assert_same(net)
    assert [note.code for note in solve_ours(net).network.feeder.notes] == []


def test_angles_matter_in_a_loop() -> None:
    """Two transformers of different hours in parallel: with angles a large current flows round, without none."""
    for choice in (True, False):
        net = base_net()
        pandapower.create_transformer(net, 0, 1, "0.4 MVA 20/0.4 kV", name="twin")
        net.trafo.loc[0, "shift_degree"], net.trafo.loc[1, "shift_degree"] = (
            150.0,
            152.0,
        )
        pandapower.set_user_pf_options(net, calculate_voltage_angles=choice)
        assert_same(net)


DEAD_END = {
    "as it is": lambda net: None,
    "switch at the dead end": lambda net: pandapower.create_switch(
        net, 3, 1, et="l", closed=False
    ),
    "switch at the live end": lambda net: pandapower.create_switch(
        net, 0, 1, et="l", closed=False
    ),
    "line out of service": lambda net: net.line.__setitem__(
        "in_service", [True, False]
    ),
}


@pytest.mark.parametrize("change", DEAD_END.values(), ids=list(DEAD_END))
def test_a_line_to_a_bus_out_of_service_stays_charged(
    change: Callable[[Any], Any],
) -> None:
    """pandapower gives the line an end of its own; 9 km at 20 kV draw 0.34 Mvar."""
    net = base_net()
    dead = pandapower.create_bus(net, 20.0, name="dead", in_service=False)
    pandapower.create_line_from_parameters(
        net, 0, dead, 9, 0.2, 0.1, 300, 1, name="cable"
    )
    change(net)
    voltage, _ = run_pandapower(net)
    solution = solve_ours(net)
    assert abs(solution.v_pu[0][:3] - voltage[:3]).max() < 1e-7
    grid = complex(net.res_ext_grid.p_mw.sum(), net.res_ext_grid.q_mvar.sum())
    assert solution.source_kva[0] / 1e3 == pytest.approx(grid, abs=1e-8)


@pytest.mark.parametrize("ratio", ["x", None, float("nan")])
def test_a_ratio_of_switches_that_is_no_number_is_refused(ratio: Any) -> None:
    net = base_net()
    net.user_pf_options["switch_rx_ratio"] = ratio
    with pytest.raises(FeederError, match=r"PANDAPOWER\.OPTION.*switch_rx_ratio"):
        read_pandapower(net)
