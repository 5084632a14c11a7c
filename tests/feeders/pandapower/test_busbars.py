"""What feeds a net and what nothing feeds: sources on one busbar, parts behind open transformers, names that are made up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")

from pandapower_nets import assert_same, base_net  # noqa: E402
from tieline.feeders import FeederError, require_sound  # noqa: E402
from tieline.feeders.pandapower import read_pandapower  # noqa: E402


def with_coupler(**switch: Any) -> Any:
    """The base net with a second bus bar beside the source."""
    net = base_net()
    bus = pandapower.create_bus(net, 20.0, name="mv2")
    pandapower.create_switch(net, 0, bus, "b", **switch)
    return net


def codes(net: Any) -> list[str]:
    """Codes of the notes, or of what is refused."""
    try:
        return [note.code for note in read_pandapower(net).notes]
    except FeederError as error:
        return [finding.code for finding in error.findings]


def test_two_grids_at_one_bus_or_busbar_count_as_one() -> None:
    beside, coupled = base_net(), with_coupler()
    pandapower.create_ext_grid(beside, 0, vm_pu=1.02)
    pandapower.create_ext_grid(coupled, 3, vm_pu=1.02)
    for net in (beside, coupled):
        assert codes(net) == ["PANDAPOWER.SOURCES_JOINED"]
        assert_same(net)


def test_a_generator_at_the_sources_busbar_changes_nothing() -> None:
    net = with_coupler()
    pandapower.create_gen(net, 3, 0.05, vm_pu=1.02)
    assert codes(net) == ["PANDAPOWER.GEN_DROPPED"]
    assert_same(net)


REFUSED: dict[str, tuple[list[str], Callable[[], Any], dict[str, Any]]] = {
    "another voltage": (["PANDAPOWER.SOURCE"], with_coupler, {"vm_pu": 1.0}),
    "another angle": (
        ["PANDAPOWER.SOURCE"],
        with_coupler,
        {"vm_pu": 1.02, "va_degree": 1.0},
    ),
}


@pytest.mark.parametrize(
    ("expected", "make", "grid"), REFUSED.values(), ids=list(REFUSED)
)
def test_grids_that_are_not_one(
    expected: list[str], make: Callable[[], Any], grid: dict[str, Any]
) -> None:
    net = make()
    pandapower.create_ext_grid(net, 3, **grid)
    assert codes(net) == expected


@pytest.mark.parametrize("coupler", [{"closed": False}, {"z_ohm": 0.1}])
def test_grids_of_different_busbars_are_sources_of_their_own(
    coupler: dict[str, Any],
) -> None:
    net = with_coupler(**coupler)
    pandapower.create_ext_grid(net, 3, vm_pu=1.01)
    assert [source.v_pu for source in read_pandapower(net).sources] == [1.02, 1.01]
    assert_same(net)


def test_generators_hold_their_voltage_beside_several_sources() -> None:
    net = with_coupler(closed=False)
    pandapower.create_ext_grid(net, 3)
    pandapower.create_gen(net, 2, 0.05, vm_pu=1.0, name="g")
    assert codes(net) == ["PANDAPOWER.Q_LIMITS_FREE"]
    assert_same(net)


def test_a_generator_stays_at_its_limit_where_the_net_asks_for_it() -> None:
    net = with_coupler()
    pandapower.create_gen(net, 2, 0.05, vm_pu=1.05, min_q_mvar=-0.01, max_q_mvar=0.01)
    pandapower.set_user_pf_options(net, enforce_q_lims=True)
    assert_same(net)


def station(net: Any) -> int:
    """A second substation with a line and a load behind it."""
    low, far = (
        pandapower.create_bus(net, 0.4, name=name) for name in ("low", "low_far")
    )
    trafo = pandapower.create_transformer(
        net, 0, low, "0.25 MVA 20/0.4 kV", name="second"
    )
    pandapower.create_line(net, low, far, 0.1, "NAYY 4x150 SE", name="second_line")
    pandapower.create_load(net, far, 0.03, name="second_load")
    pandapower.create_sgen(net, low, 0.01, name="second_sgen")
    return trafo


DEAD: dict[str, Callable[[Any], Any]] = {
    "transformer out of service": lambda net: net.trafo.__setitem__(
        "in_service", [True, False]
    ),
    "transformer open at the top": lambda net: pandapower.create_switch(
        net, 0, 1, "t", closed=False
    ),
    "transformer open at the bottom": lambda net: pandapower.create_switch(
        net, 3, 1, "t", closed=False
    ),
}


@pytest.mark.parametrize("kill", DEAD.values(), ids=list(DEAD))
def test_what_an_open_transformer_leaves_is_left_out_with_one_note(
    kill: Callable[[Any], Any],
) -> None:
    net = base_net()
    station(net)
    kill(net)
    feeder = require_sound(read_pandapower(net))
    assert [bus.name for bus in feeder.buses] == ["mv", "lv", "far"]
    assert feeder.notes[-1].code == "FEEDER.UNSUPPLIED"
    assert "low, low_far; left out with 30 kW of load" in feeder.notes[-1].message
    assert_same(net)


def test_a_bus_on_which_nothing_hangs() -> None:
    net = base_net()
    pandapower.create_bus(net, 0.4, name="alone")
    assert codes(net) == ["FEEDER.UNSUPPLIED"]
    assert_same(net)


COLLISIONS: dict[str, Callable[[Any], Any]] = {
    "bus": lambda net: net.bus.__setitem__("name", ["bus_1", None, "far"]),
    "switch": lambda net: [
        pandapower.create_switch(
            net, 2, pandapower.create_bus(net, 0.4, name="x"), "b"
        ),
        net.line.__setitem__("name", "switch_0"),
    ],
    "ward": lambda net: [
        net.load.__setitem__("name", "ward_w"),
        pandapower.create_ward(net, 2, 0.01, 0.004, 0.02, 0.005, name="w"),
    ],
    "open end": lambda net: [
        pandapower.create_bus(net, 0.4, name="l_at_far"),
        pandapower.create_line(
            net, 1, 3, 0.1, "NAYY 4x150 SE", name="switch_of_l_at_far"
        ),
        pandapower.create_line(net, 2, 3, 0.1, "NAYY 4x150 SE", name="tie"),
        pandapower.create_switch(net, 2, 0, "l", closed=False),
    ],
    "standard type": lambda net: [
        net.line.__setitem__("std_type", "switch_0"),
        pandapower.create_switch(
            net, 2, pandapower.create_bus(net, 0.4, name="x"), "b"
        ),
    ],
}


@pytest.mark.parametrize("collide", COLLISIONS.values(), ids=list(COLLISIONS))
def test_made_up_names_give_way_to_the_users(collide: Callable[[Any], Any]) -> None:
    net = base_net()
    collide(net)
    feeder = require_sound(read_pandapower(net))
    pandapower.runpp(net, numba=False)
    assert len(feeder.buses) >= len(net.bus)
    assert np.isfinite(net.res_bus.vm_pu).all()
    if all(isinstance(name, str) for name in net.bus.name):
        assert_same(net)
