"""A three-winding transformer gives the voltages of pandapower, whatever stands in its legs."""

from __future__ import annotations

from typing import Any

import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")
from pandapower_nets import (  # noqa: E402  it needs pandapower
    assert_same_voltages,
    base_net,
)
from tieline.feeders.findings import FeederError  # noqa: E402
from tieline.feeders.pandapower import read_pandapower  # noqa: E402

RATED: dict[str, Any] = {
    "vn_hv_kv": 21.0,
    "vn_mv_kv": 10.0,
    "vn_lv_kv": 0.41,
    "sn_hv_mva": 2.0,
    "sn_mv_mva": 1.5,
    "sn_lv_mva": 0.5,
    "vk_hv_percent": 10.0,
    "vk_mv_percent": 11.0,
    "vk_lv_percent": 12.0,
    "vkr_hv_percent": 0.3,
    "vkr_mv_percent": 0.31,
    "vkr_lv_percent": 0.32,
    "pfe_kw": 4.0,
    "i0_percent": 0.7,
    "shift_mv_degree": 30.0,
    "shift_lv_degree": 150.0,
}


def with_three_windings(**rated: Any) -> Any:
    """The base net, and 20 kV to 10 kV and 0.4 kV beside its transformer."""
    net = base_net()
    mv = pandapower.create_bus(net, 10.0, name="middle")
    lv = pandapower.create_bus(net, 0.4, name="low")
    pandapower.create_load(net, mv, 1.1, 0.3, name="of_middle")
    pandapower.create_load(net, lv, 0.3, 0.1, name="of_low")
    numbers = {**RATED, **rated}
    pandapower.create_transformer3w_from_parameters(
        net, 0, mv, lv, name="three", **numbers
    )
    return net


TAP: dict[str, Any] = {
    "tap_pos": 3,
    "tap_neutral": 0,
    "tap_step_percent": 1.5,
    "tap_changer_type": "Ratio",
}

CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "a leg below zero": {"vk_hv_percent": 4.0, "vk_mv_percent": 9.0},
    "tap hv": {**TAP, "tap_side": "hv"},
    "tap mv": {**TAP, "tap_side": "mv", "tap_step_degree": 20.0},
    "tap lv at star": {
        **TAP,
        "tap_side": "lv",
        "tap_at_star_point": True,
        "tap_step_degree": 0.0,
    },
    "tap hv at star": {
        **TAP,
        "tap_side": "hv",
        "tap_at_star_point": True,
        "tap_step_degree": 40.0,
    },
    "ideal mv": {
        "tap_side": "mv",
        "tap_pos": 2,
        "tap_neutral": 0,
        "tap_step_degree": 3.0,
        "tap_changer_type": "Ideal",
    },
}


@pytest.mark.parametrize("rated", CASES.values(), ids=list(CASES))
def test_voltages_are_those_of_pandapower(rated: dict[str, Any]) -> None:
    assert_same_voltages(with_three_windings(**rated))


@pytest.mark.parametrize("side", ["hv", "mv", "lv", "star"])
def test_the_core_stands_where_the_option_says(side: str) -> None:
    net = with_three_windings(pfe_kw=100.0, i0_percent=9.0)
    pandapower.set_user_pf_options(net, trafo3w_losses=side)
    _, solution = assert_same_voltages(net)
    if side == "star":
        # runpp counts it as a shunt, and among no losses
        return
    lost_mw = net.res_line.pl_mw.sum() + net.res_trafo.pl_mw.sum()
    lost_mw += net.res_trafo3w.pl_mw.sum()
    assert solution.loss_kw[0] == pytest.approx(1e3 * lost_mw, rel=1e-6)


@pytest.mark.parametrize("bus", [0, 3, 4], ids=["hv", "mv", "lv"])
def test_a_leg_open_at_its_end_keeps_its_core(bus: int) -> None:
    net = with_three_windings()
    pandapower.create_line(net, 2, 4, 0.1, "NAYY 4x150 SE", name="tie")
    net.load["scaling"] = 0.1
    pandapower.create_switch(net, bus, 0, "t3", closed=False)
    assert_same_voltages(net)


def test_an_ideal_shifter_at_the_star_point_is_refused() -> None:
    tap = {**CASES["ideal mv"], "tap_at_star_point": True}
    with pytest.raises(FeederError, match="TAP_STAR"):
        read_pandapower(with_three_windings(**tap))


def test_a_step_without_an_angle_at_the_star_point_is_told() -> None:
    tap = {**TAP, "tap_side": "lv", "tap_at_star_point": True}
    (note,) = read_pandapower(with_three_windings(**tap)).notes
    assert note.code == "PANDAPOWER.TAP_STAR"
