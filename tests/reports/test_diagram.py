"""One-line diagrams: well-formed, complete, self-contained, right colours, clear errors."""

from __future__ import annotations

import dataclasses
import re
from xml.etree import ElementTree

import pytest

from builders import random_feeder, two_bus
from tieline.errors import InputError
from tieline.feeders import library_names, load_feeder
from tieline.feeders.elements import Bus, CurrentSource, Generator, Pv, Storage
from tieline.feeders.feeder import Feeder
from tieline.reports.colours import CLASS_STYLES, NO_VALUE, VIRIDIS, Worst
from tieline.reports.diagram import one_line_svg

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def dots(svg: str) -> dict[str, ElementTree.Element]:
    """Bus dots by bus, in drawing order."""
    found = [
        circle
        for circle in parsed(svg).iter(f"{SVG}circle")
        if circle.get("class") == "tl-bus"
    ]
    return {_tooltip(dot).split("\n")[0].removeprefix("bus "): dot for dot in found}


def _tooltip(element: ElementTree.Element) -> str:
    return element.findtext(f"{SVG}title") or ""


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in parsed(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", library_names())
def test_bundled_feeder_is_complete_and_self_contained(name: str):
    feeder = load_feeder(name)
    svg = one_line_svg(feeder)
    assert set(dots(svg)) == {bus.name for bus in feeder.buses}
    lines = [
        _tooltip(path)
        for path in parsed(svg).iter(f"{SVG}path")
        if path.get("class") == "tl-branch"
    ]
    assert all(any(line.name in text for text in lines) for line in feeder.lines)
    assert not re.search(r"<script|href|url\(|@import|<image|on\w+=", svg)


@pytest.mark.parametrize("name", library_names())
def test_dots_are_inside_the_picture(name: str):
    svg = one_line_svg(load_feeder(name), title="A title")
    network = parsed(svg).find(f"{SVG}svg")
    assert network is not None
    left, top, width, height = (
        float(part) for part in str(network.get("viewBox")).split()
    )
    for dot in dots(svg).values():
        assert left < float(str(dot.get("cx"))) < left + width
        assert top < float(str(dot.get("cy"))) < top + height


def test_small_feeder_names_all_its_buses():
    feeder = load_feeder("ieee13")
    assert {bus.name for bus in feeder.buses} <= set(texts(one_line_svg(feeder)))


def test_large_feeder_names_its_source_and_worst_bus_but_not_all():
    feeder = load_feeder("ieee123")
    svg = one_line_svg(
        feeder,
        bus_values={bus.name: 1.0 for bus in feeder.buses} | {"47": 1.07},
        value_label="voltage",
    )
    assert {feeder.source.bus, "47"} <= set(texts(svg))
    # most have room; where symbols and lines crowd a name is left out
    assert 80 < sum(bus.name in texts(svg) for bus in feeder.buses) < 132


@pytest.mark.parametrize(
    ("worst", "darkest", "lightest"), [("high", "b", "a"), ("low", "a", "b")]
)
def test_colour_by_value(worst: Worst, darkest: str, lightest: str):
    found = dots(
        one_line_svg(two_bus(), bus_values={"a": 0.98, "B": 1.02}, worst=worst)
    )
    assert found[darkest].get("fill") == VIRIDIS[-1]
    assert found[lightest].get("fill") == VIRIDIS[0]
    assert list(found)[-1] == darkest, "the worst lies on top"


def test_value_is_in_the_tooltip_and_the_range_in_the_legend():
    svg = one_line_svg(
        two_bus(),
        bus_values={"a": 0.98, "b": 1.02},
        value_label="voltage",
        value_range=(0.9, 1.1),
    )
    assert "voltage 1.0200 pu" in _tooltip(dots(svg)["b"])
    assert "voltage [pu] 0.9000" in texts(svg)
    assert "1.1000" in texts(svg)


def test_bus_without_value_is_grey_and_counted():
    svg = one_line_svg(two_bus(), bus_values={"a": 1.0, "b": float("nan")})
    assert dots(svg)["b"].get("fill") == NO_VALUE
    assert "no value (1)" in texts(svg)


def test_no_values_at_all():
    assert {
        dot.get("fill") for dot in dots(one_line_svg(two_bus(), bus_values={})).values()
    } == {NO_VALUE}


def test_colour_by_class():
    svg = one_line_svg(
        two_bus(),
        bus_classes={"a": "critical", "b": "ok"},
        tooltips={"a": "1.071 pu in 12 draws"},
    )
    found = dots(svg)
    assert {bus: dot.get("fill") for bus, dot in found.items()} == {
        "a": CLASS_STYLES["critical"].fill,
        "b": CLASS_STYLES["ok"].fill,
    }
    assert list(found) == ["b", "a"]
    assert {"critical (1)", "ok (1)"} <= set(texts(svg))
    assert _tooltip(found["a"]).endswith("critical\n1.071 pu in 12 draws")


@pytest.mark.parametrize(
    ("name", "has_lengths"), [("ieee33", False), ("ieee69", False), ("ieee13", True)]
)
def test_a_length_under_the_mouse_only_where_one_is_known(name: str, has_lengths: bool):
    lines = [
        _tooltip(path)
        for path in parsed(one_line_svg(load_feeder(name))).iter(f"{SVG}path")
    ]
    assert any(" km" in text for text in lines) == has_lengths


def test_open_lines_are_dashed():
    feeder = load_feeder("ieee33")
    dashed = [
        path
        for path in parsed(one_line_svg(feeder)).iter(f"{SVG}path")
        if path.get("stroke-dasharray")
    ]
    drawn = [path for path in dashed if path.get("class") == "tl-branch"]
    assert len(drawn) == sum(not line.closed for line in feeder.lines) == 5
    assert all("open" in _tooltip(path) for path in drawn)


def test_lines_are_as_wide_as_they_have_phases():
    svg = one_line_svg(load_feeder("ieee13"))
    width = {
        _tooltip(path).split(",")[-1].strip(): float(str(path.get("stroke-width")))
        for path in parsed(svg).iter(f"{SVG}path")
        if path.get("class") == "tl-branch" and _tooltip(path).startswith("line")
    }
    assert width["phases 1 2 3"] > width["phases 2 3"] > width["phase 3"]


def test_symbols_and_their_legend():
    feeder = two_bus()
    place = {"bus": "b", "nodes": (1, 0), "connection": "wye", "kv": 12.66}
    feeder = feeder.replace(
        pvs=(Pv("roof", rated_kw=5, inverter_kva=5, **place),),
        storages=(Storage("pack", rated_kw=5, energy_kwh=10, inverter_kva=5, **place),),
        generators=(Generator("diesel", rated_kva=50, **place),),
        current_sources=(CurrentSource("stray", "b", (1,), 5.0),),
    )
    svg = one_line_svg(feeder)
    kinds = {"source", "load", "PV", "storage", "generator", "current source"}
    assert kinds <= set(texts(svg))
    tooltips = [_tooltip(group) for group in parsed(svg).iter(f"{SVG}g")]
    assert {
        "PV roof",
        "storage pack",
        "generator diesel",
        "load load",
        "source grid",
        "current source stray",
    } <= set(tooltips)
    assert "PV" not in texts(one_line_svg(two_bus()))


def test_names_are_escaped():
    feeder = two_bus()
    evil = 'x<&">'
    buses = (feeder.buses[0], Bus(evil, (1,), 12.66))
    line = dataclasses.replace(feeder.lines[0], to_bus=evil, name="<l>")
    svg = one_line_svg(
        feeder.replace(buses=buses, lines=(line,), loads=()),
        title="<b>&",
        tooltips={evil: "</title>"},
    )
    assert evil in dots(svg)
    assert {evil, "<b>&"} <= set(texts(svg))


def test_values_and_classes_together_are_refused():
    with pytest.raises(InputError, match="by value or by class, not both"):
        one_line_svg(two_bus(), bus_values={}, bus_classes={})


def test_unknown_buses_are_named():
    with pytest.raises(
        InputError, match=r"Unknown bus 'aa' of feeder 'two-bus'.*1 more unknown: zz"
    ):
        one_line_svg(two_bus(), bus_values={"zz": 1.0, "aa": 1.0})


def test_large_meshed_feeder_stays_small():
    feeder = random_feeder(1, 5000, n_loops=20)
    svg = one_line_svg(
        feeder, bus_values={bus.name: float(k) for k, bus in enumerate(feeder.buses)}
    )
    assert len(dots(svg)) == 5000
    assert len(svg) < 3e6


def test_feeder_of_one_bus():
    feeder = two_bus()
    lonely: Feeder = feeder.replace(buses=feeder.buses[:1], lines=(), loads=())
    assert list(dots(one_line_svg(lonely))) == ["a"]
