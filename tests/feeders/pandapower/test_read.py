"""A net gives the voltages here that pandapower's own Newton solver gives, and what cannot be represented is said."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tieline.errors import InputError, MissingExtraError
from tieline.feeders.findings import FeederError
from tieline.feeders.pandapower import read_pandapower
from tieline.feeders.problems import require_sound
from tieline.network import Network
from tieline.powerflow import solve

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")
networks = pytest.importorskip("pandapower.networks")
from pandapower_nets import assert_same, base_net  # noqa: E402  it needs pandapower


def two_bus(**trafo: Any) -> Any:
    """20 kV grid, 0.63 MVA transformer, 0.4 kV load."""
    net = pandapower.create_empty_network(f_hz=50.0)
    hv, lv = (pandapower.create_bus(net, vn_kv=kv) for kv in (20.0, 0.4))
    pandapower.create_ext_grid(net, hv, vm_pu=1.02, va_degree=5.0)
    rated: dict[str, Any] = {
        "sn_mva": 0.63,
        "vn_hv_kv": 20.0,
        "vn_lv_kv": 0.4,
        "vk_percent": 6.0,
        "vkr_percent": 1.1,
    }
    rated |= {"pfe_kw": 1.6, "i0_percent": 0.4, "shift_degree": 150.0, **trafo}
    pandapower.create_transformer_from_parameters(net, hv, lv, **rated)
    pandapower.create_load(net, lv, p_mw=0.3, q_mvar=0.1, name="Big Load")
    return net


def cigre_mv() -> Any:
    """With the wind and PV plants of the benchmark."""
    return networks.create_cigre_network_mv(with_der="pv_wind")


def with_everything() -> Any:
    """Switches with and without impedance, parallel systems, storage, ward, shunt steps, voltage-dependent load, scaling."""
    net = two_bus(parallel=2)
    far, tied, spare, alone = (pandapower.create_bus(net, vn_kv=0.4) for _ in range(4))
    line: dict[str, Any] = {
        "length_km": 0.2,
        "r_ohm_per_km": 0.2,
        "x_ohm_per_km": 0.08,
        "c_nf_per_km": 260.0,
        "max_i_ka": 0.27,
    }
    pandapower.create_line_from_parameters(net, 1, far, parallel=2, **line)
    pandapower.create_line_from_parameters(net, far, 1, **{**line, "c_nf_per_km": 5e4})
    pandapower.create_switch(net, far, 1, et="l", closed=False)
    pandapower.create_line_from_parameters(net, far, alone, **line)
    pandapower.create_switch(net, far, tied, et="b", z_ohm=0.01)
    pandapower.create_switch(net, tied, spare, et="b")
    shares = {
        "const_z_p_percent": 40,
        "const_i_p_percent": 30,
        "const_z_q_percent": 100,
    }
    pandapower.create_load(net, alone, p_mw=0.05, q_mvar=0.02, scaling=0.8, **shares)
    pandapower.create_sgen(
        net, spare, p_mw=0.03, q_mvar=-0.01, sn_mva=0.05, type="PV", scaling=0.5
    )
    pandapower.create_sgen(net, far, p_mw=0.02, q_mvar=0.0, type="CHP")
    pandapower.create_storage(
        net,
        far,
        p_mw=-0.015,
        q_mvar=0.004,
        max_e_mwh=0.1,
        soc_percent=40.0,
        min_e_mwh=0.01,
    )
    pandapower.create_shunt(
        net, far, q_mvar=-0.02, p_mw=0.001, vn_kv=0.42, step=2, max_step=3
    )
    pandapower.create_ward(
        net, spare, ps_mw=0.004, qs_mvar=0.001, pz_mw=0.003, qz_mvar=0.002
    )
    return net


NETS: dict[str, Callable[[], Any]] = {
    "case33bw": networks.case33bw,
    "cigre-lv": networks.create_cigre_network_lv,
    "cigre-mv": cigre_mv,
    "kerber": networks.create_kerber_landnetz_freileitung_1,
    "four-bus": networks.simple_four_bus_system,
    "voltage-control-lv": networks.create_synthetic_voltage_control_lv_network,
    "two-bus": two_bus,
    "everything": with_everything,
    "tap-hv": lambda: two_bus(
        tap_side="hv",
        tap_pos=-2,
        tap_neutral=0,
        tap_min=-5,
        tap_max=5,
        tap_step_percent=2.5,
        tap_changer_type="Ratio",
    ),
    "tap-lv": lambda: two_bus(
        tap_side="lv",
        tap_pos=3,
        tap_neutral=1,
        tap_min=-5,
        tap_max=5,
        tap_step_percent=1.5,
        tap_changer_type="Ratio",
    ),
    "tap-across": lambda: two_bus(
        tap_side="hv",
        tap_pos=4,
        tap_neutral=0,
        tap_step_percent=2.0,
        tap_step_degree=60.0,
        tap_changer_type="Symmetrical",
    ),
    "tap-ideal": lambda: two_bus(
        tap_side="lv",
        tap_pos=4,
        tap_neutral=0,
        tap_step_degree=1.5,
        tap_changer_type="Ideal",
    ),
    "tap-without-type": lambda: two_bus(
        tap_side="hv",
        tap_pos=4,
        tap_neutral=0,
        tap_step_percent=2.0,
        tap_changer_type=None,
    ),
    "off-nominal": lambda: two_bus(vn_hv_kv=21.0, vn_lv_kv=0.42),
}


@pytest.mark.parametrize("name", NETS)
def test_voltages_equal_those_of_pandapower(name: str):
    net = NETS[name]()
    pandapower.runpp(
        net, tolerance_mva=1e-10, calculate_voltage_angles=True, init="dc", numba=False
    )
    feeder = require_sound(read_pandapower(net))
    voltage = solve(
        Network.from_feeder(feeder), tolerance=1e-11, max_iterations=200
    ).v_pu[0]
    expected = net.res_bus.vm_pu.to_numpy() * np.exp(
        1j * np.radians(net.res_bus.va_degree.to_numpy())
    )
    np.testing.assert_allclose(voltage[: len(expected)], expected, atol=2e-7, rtol=0)


def test_net_saved_as_json_reads_the_same(tmp_path: Path):
    net = with_everything()
    pandapower.to_json(net, str(tmp_path / "Mine.json"))
    from_file = read_pandapower(tmp_path / "Mine.json")
    assert from_file.name == "mine"
    assert from_file.loads == read_pandapower(net).loads
    assert from_file.lines == read_pandapower(net).lines


def test_quantities_in_our_units_and_signs():
    feeder = read_pandapower(with_everything())
    assert (feeder.loads[0].name, feeder.loads[0].p_kw, feeder.loads[0].q_kvar) == (
        "big_load",
        300.0,
        100.0,
    )
    assert (feeder.loads[1].p_kw, feeder.loads[1].zip_p, feeder.loads[1].zip_q) == (
        40.0,
        (0.4, 0.3, 0.3),
        (1.0, 0.0, 0.0),
    )
    assert (feeder.pvs[0].p_kw, feeder.pvs[0].q_kvar, feeder.pvs[0].inverter_kva) == (
        15.0,
        -5.0,
        50.0,
    )
    assert feeder.generators[0].rated_kva == 20.0
    storage = feeder.storages[0]
    assert (storage.p_charge_kw, storage.p_discharge_kw, storage.q_kvar) == (
        0.0,
        15.0,
        -4.0,
    )
    assert (storage.energy_kwh, storage.stored_kwh, storage.reserve_kwh) == (
        100.0,
        40.0,
        10.0,
    )
    assert (feeder.shunts[0].p_kw, feeder.shunts[0].q_kvar, feeder.shunts[0].kv) == (
        2.0,
        -40.0,
        0.42,
    )
    assert feeder.lines[0].rating_a == 540.0
    assert feeder.lines[0].code.r_ohm_per_km == ((0.1,),)
    assert feeder.lines[0].code.c_nf_per_km == ((520.0,),)
    assert [(line.name, line.closed) for line in feeder.lines if line.is_switch] == [
        ("switch_of_line_1_at_bus_2", False),
        ("switch_1", True),
        ("switch_2", True),
    ]
    assert feeder.transformers[0].windings[0].kva == 1260.0


def test_tap_range_is_that_of_the_changer():
    winding = read_pandapower(NETS["tap-hv"]()).transformers[0].windings[0]
    assert (winding.tap, winding.tap_min, winding.tap_max, winding.tap_steps) == (
        0.95,
        0.875,
        1.125,
        10,
    )


def test_names_that_are_not_unique_are_replaced():
    net = two_bus()
    pandapower.create_load(net, 1, p_mw=0.1, name="big load")
    assert [load.name for load in read_pandapower(net).loads] == ["load_0", "load_1"]


def spoiled(spoil: Callable[[Any], Any]) -> Any:
    net = two_bus()
    spoil(net)
    return net


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        (
            "PANDAPOWER.SOURCE",
            lambda net: net.ext_grid.drop(net.ext_grid.index, inplace=True),
        ),
        (
            "PANDAPOWER.SVC",
            lambda net: pandapower.create_svc(net, 1, 1.0, -10.0, 1.0, 90.0),
        ),
        (
            "PANDAPOWER.TAP_TABLE",
            lambda net: net.trafo.__setitem__("tap_dependency_table", True),
        ),
    ],
)
def test_what_cannot_be_represented_is_refused(code: str, spoil: Callable[[Any], Any]):
    with pytest.raises(FeederError) as raised:
        read_pandapower(spoiled(spoil))
    assert [finding.code for finding in raised.value.findings] == [code]


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        (
            "PANDAPOWER.GEN_DROPPED",
            lambda net: pandapower.create_gen(net, 0, p_mw=0.1, vm_pu=1.02),
        ),
        (
            "PANDAPOWER.BUS_OUT_OF_SERVICE",
            lambda net: pandapower.create_bus(net, vn_kv=0.4, in_service=False),
        ),
        (
            "PANDAPOWER.SGEN_DROPPED",
            lambda net: pandapower.create_sgen(net, 1, p_mw=0.0),
        ),
        (
            "PANDAPOWER.STORAGE_DROPPED",
            lambda net: pandapower.create_storage(net, 1, p_mw=0.0, max_e_mwh=1.0),
        ),
        (
            "PANDAPOWER.CONTROLLER_DROPPED",
            lambda net: pandapower.control.ConstControl(net, "load", "p_mw", 0),
        ),
    ],
)
def test_what_is_left_out_is_a_note(code: str, spoil: Callable[[Any], Any]):
    assert [note.code for note in read_pandapower(spoiled(spoil)).notes] == [code]


def test_line_conductance_is_a_shunt_at_each_end():
    net = base_net()
    net.line["g_us_per_km"] = 400.0
    net.line["parallel"] = 2
    shunts = read_pandapower(net).shunts
    assert [shunt.bus for shunt in shunts] == ["lv", "far"]
    # 400 uS/km x 0.2 km x 2 x (0.4 kV)^2 is 25.6 W, half of it at either end
    assert [shunt.p_kw for shunt in shunts] == [0.0128, 0.0128]
    assert_same(net)


def test_line_open_at_both_ends_or_out_of_service_is_open():
    net = with_everything()
    pandapower.create_switch(net, 1, 1, et="l", closed=False)
    net.line.loc[2, "in_service"] = False
    assert [line.closed for line in read_pandapower(net).lines[:3]] == [
        True,
        False,
        False,
    ]


def test_slack_generator_is_the_source():
    net = two_bus()
    net.ext_grid.drop(net.ext_grid.index, inplace=True)
    pandapower.create_gen(net, 0, p_mw=0.0, vm_pu=1.01, slack=True, name="feed")
    source = read_pandapower(net).source
    assert (source.name, source.bus, source.v_pu) == ("feed", "bus_0", 1.01)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1, 2]",
        '{"bus": 3}',
        '{"_module": "pandapower.auxiliary", "_class": "pandapowerNet", "_object": 5}',
    ],
)
def test_file_that_is_no_net(tmp_path: Path, text: str):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=r"x\.json"):
        read_pandapower(tmp_path / "x.json")


def test_missing_file_and_wrong_object(tmp_path: Path):
    with pytest.raises(InputError, match="does not exist"):
        read_pandapower(tmp_path / "absent.json")
    with pytest.raises(InputError, match="A dict is no pandapower net"):
        read_pandapower({})


def test_missing_package(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pandapower", None)
    with pytest.raises(MissingExtraError, match=r"\[pandapower\]"):
        read_pandapower("net.json")


def test_coordinates_come_along():
    net = two_bus()
    net.bus["geo"] = [json.dumps({"type": "Point", "coordinates": [10.5, 48.25]}), None]
    assert [(bus.x, bus.y) for bus in read_pandapower(net).buses] == [
        (10.5, 48.25),
        (None, None),
    ]
