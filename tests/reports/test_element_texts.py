"""Words under the mouse: facts that an element has, and no others."""

from __future__ import annotations

from types import SimpleNamespace

from tieline.feeders.elements import Bus
from tieline.feeders.library import load_bundled
from tieline.network.branches import branches
from tieline.reports.element_texts import branch_text, bus_text, device_text


def test_a_bus_says_voltage_phases_and_load() -> None:
    bus = Bus("b", (1, 3, 4), 4.16)
    assert bus_text(bus, 12.5, ["", "lends 3 kWh"], has_phases=True) == (
        "bus b\n4.16 kV, phases 1 3\nload 12.5 kW\nlends 3 kWh"
    )
    assert bus_text(bus, None, [], has_phases=False) == "bus b\n4.16 kV"


def test_a_branch_says_where_it_goes_and_how_long_it_is() -> None:
    all_branches = {branch.name: branch for branch in branches(load_bundled("ieee123"))}
    line = all_branches["l115"]
    assert branch_text([line], {1, 2, 3}, has_phases=True) == (
        "line l115, 149 to 1, 0.1219 km, phases 1 2 3"
    )


def test_many_devices_are_counted() -> None:
    loads = [SimpleNamespace(name=f"s{k}") for k in range(8)]
    assert device_text("load", loads) == "load s0, s1, s2, s3, s4, s5 and 2 more"
