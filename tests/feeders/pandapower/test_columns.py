"""Cells that pandapower cannot use are refused, all of them together; what may be empty is not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")

from pandapower_nets import assert_same, base_net  # noqa: E402
from tieline.feeders import FeederError  # noqa: E402
from tieline.feeders.pandapower import read_pandapower  # noqa: E402
from tieline.feeders.pandapower.columns import NEEDED, OPTIONAL  # noqa: E402


def full_net() -> Any:
    """The base net with one element of every table."""
    return copy.deepcopy(_full_net())


@cache
def _full_net() -> Any:
    net = base_net()
    pandapower.create_sgen(net, 1, 0.01, sn_mva=0.02, name="s")
    pandapower.create_storage(net, 1, 0.005, 0.1, sn_mva=0.02, name="b")
    pandapower.create_shunt(net, 2, 0.002, name="c")
    pandapower.create_ward(net, 2, 0.001, 0.001, 0.001, 0.001, name="w")
    pandapower.create_gen(net, 2, 0.001, vm_pu=1.0, sn_mva=0.02, name="g")
    pandapower.create_xward(
        net, 2, 0.001, 0.001, 0.001, 0.001, 0.1, 0.1, 1.0, name="xw"
    )
    pandapower.create_motor(net, 1, 0.001, 0.9, efficiency_percent=90.0, name="m")
    pandapower.create_dcline(net, 1, 2, 0.001, 1.0, 0.0, 1.0, 1.0, name="d")
    pandapower.create_impedance(net, 1, 2, 0.1, 0.1, 1.0, name="z")
    pandapower.create_asymmetric_load(net, 1, p_a_mw=0.001, name="la")
    pandapower.create_asymmetric_sgen(net, 1, p_a_mw=0.001, name="sa")
    low = pandapower.create_bus(net, 0.4, name="low")
    lowest = pandapower.create_bus(net, 0.2, name="lowest")
    pandapower.create_transformer3w_from_parameters(
        net,
        1,
        low,
        lowest,
        20.0,
        0.4,
        0.2,
        0.1,
        0.1,
        0.1,
        6.0,
        6.0,
        6.0,
        1.0,
        1.0,
        1.0,
        0.1,
        0.1,
    )
    return net


def refused(net: Any) -> list[tuple[str, str]]:
    """Code and text of what is refused."""
    with pytest.raises(FeederError) as raised:
        read_pandapower(net)
    assert all(finding.remedy for finding in raised.value.findings)
    return [(finding.code, str(finding)) for finding in raised.value.findings]


CELLS = [
    (table, column)
    for table, columns in NEEDED.items()
    for column in columns
    if column in _full_net()[table].columns
]
RANGES = [
    (t, c, rule)
    for columns in (NEEDED, OPTIONAL)
    for t, rules in columns.items()
    for c, rule in rules.items()
    if rule
]


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    ("table", "column"), CELLS, ids=["-".join(cell) for cell in CELLS]
)
def test_a_number_that_is_needed(table: str, column: str, value: float) -> None:
    net = full_net()
    net[table][column] = net[table][column].astype(float)
    net[table].loc[0, column] = value
    codes = refused(net)
    assert ("PANDAPOWER.NUMBER", column) in [
        (code, column) for code, text in codes if column in text
    ]


@pytest.mark.parametrize(
    ("table", "column", "rule"), RANGES, ids=["-".join(cell[:2]) for cell in RANGES]
)
def test_a_number_out_of_range(table: str, column: str, rule: str) -> None:
    net = full_net()
    if column not in net[table].columns or not len(net[table]):
        net[table][column] = 0.0
    net[table][column] = net[table][column].astype(float)
    net[table].loc[0, column] = 0.0 if rule == "above 0" else -1.0
    assert any(
        code == "PANDAPOWER.NUMBER" and f"{column} is" in text and rule in text
        for code, text in refused(net)
    )


CONTRADICTIONS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "shares": (
        "PANDAPOWER.SHARES",
        lambda net: net.load.__setitem__(
            ["const_z_p_percent", "const_i_p_percent"], [[80.0, 50.0]]
        ),
    ),
    "resistance above impedance": (
        "PANDAPOWER.SHORT_CIRCUIT",
        lambda net: net.trafo.__setitem__("vkr_percent", 7.0),
    ),
    "no impedance": (
        "PANDAPOWER.SHORT_CIRCUIT",
        lambda net: net.trafo.__setitem__(["vk_percent", "vkr_percent"], 0.0),
    ),
    "load at no bus": (
        "PANDAPOWER.BUS_UNKNOWN",
        lambda net: net.load.__setitem__("bus", 99),
    ),
    "line to no bus": (
        "PANDAPOWER.BUS_UNKNOWN",
        lambda net: net.line.__setitem__("to_bus", 99),
    ),
    "transformer at no bus": (
        "PANDAPOWER.BUS_UNKNOWN",
        lambda net: net.trafo.__setitem__("hv_bus", 99),
    ),
    "switch at no bus": (
        "PANDAPOWER.BUS_UNKNOWN",
        lambda net: pandapower_switch(net, 99, 0, "l"),
    ),
    "switch of no line": (
        "PANDAPOWER.SWITCH_ELEMENT",
        lambda net: pandapower_switch(net, 1, 99, "l"),
    ),
    "switch away from its line": (
        "PANDAPOWER.SWITCH_ELEMENT",
        lambda net: pandapower_switch(net, 0, 0, "l"),
    ),
    "switch to no bus": (
        "PANDAPOWER.SWITCH_ELEMENT",
        lambda net: pandapower_switch(net, 1, 99, "b"),
    ),
    "option": (
        "PANDAPOWER.OPTION",
        lambda net: pandapower.set_user_pf_options(net, tdpf=True),
    ),
    "model": (
        "PANDAPOWER.OPTION",
        lambda net: pandapower.set_user_pf_options(net, trafo_model="star"),
    ),
    "clipped": (
        "PANDAPOWER.OPTION",
        lambda net: [
            pandapower.set_user_pf_options(net, enforce_q_lims=True),
            pandapower.create_sgen(net, 1, 0.01, 0.05, max_q_mvar=0.01),
        ],
    ),
}


def pandapower_switch(net: Any, bus: int, element: int, kind: str) -> None:
    """A row that `create_switch` would not write."""
    net.switch.loc[0, ["bus", "element", "et", "closed", "z_ohm"]] = [
        bus,
        element,
        kind,
        True,
        0.0,
    ]
    net.switch["closed"] = net.switch["closed"].astype(bool)


@pytest.mark.parametrize(
    ("code", "spoil"), CONTRADICTIONS.values(), ids=list(CONTRADICTIONS)
)
def test_contradictions(code: str, spoil: Callable[[Any], Any]) -> None:
    net = base_net()
    spoil(net)
    assert code in [found for found, _ in refused(net)]


def test_everything_that_is_wrong_comes_together() -> None:
    net = full_net()
    net.load.loc[0, "p_mw"] = np.nan
    net.line.loc[0, "parallel"] = 0
    net.trafo.loc[0, "vkr_percent"] = 9.0
    net.shunt.loc[0, "bus"] = 77
    pandapower.create_gen(net, 2, 0.01, vm_pu=np.nan)
    assert {code.partition(".")[2] for code, _ in refused(net)} == {
        "NUMBER",
        "SHORT_CIRCUIT",
        "BUS_UNKNOWN",
    }


def test_what_is_out_of_service_may_be_empty() -> None:
    net = full_net()
    pandapower.create_load(net, 2, np.nan, np.nan, in_service=False, name="off")
    assert "off" not in [load.name for load in read_pandapower(net).loads]


def test_columns_that_earlier_versions_lack_have_their_default() -> None:
    net = base_net()
    net.load = net.load.drop(columns="scaling")
    net.line = net.line.drop(columns=["parallel", "df", "g_us_per_km"])
    net.trafo = net.trafo.drop(columns=["parallel", "df"])
    feeder = read_pandapower(net)
    assert feeder.loads[0].p_kw == 80.0
    assert feeder.lines == read_pandapower(base_net()).lines


def test_generators_without_the_column_slack_hold_no_reference() -> None:
    net = base_net()
    pandapower.create_gen(net, 0, 0.05, vm_pu=1.02)
    net.gen = net.gen.drop(columns="slack")
    assert [note.code for note in read_pandapower(net).notes] == [
        "PANDAPOWER.GEN_DROPPED"
    ]


def test_a_net_of_one_bus() -> None:
    net = pandapower.create_empty_network()
    pandapower.create_ext_grid(net, pandapower.create_bus(net, 20.0, name="only"))
    pandapower.create_load(net, 0, 0.1)
    assert_same(net)
