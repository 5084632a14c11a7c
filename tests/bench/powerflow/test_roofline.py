"""The figure is well-formed and puts points where the axes say."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from tieline.bench.powerflow.measurement import PowerFlowSpeeds
from tieline.bench.powerflow.roofline import Axis, roofline_svg

SVG = "{http://www.w3.org/2000/svg}"


def test_the_figure_has_a_labelled_point_per_case_with_a_load(
    power_flow_speeds: PowerFlowSpeeds,
) -> None:
    root = ET.fromstring(roofline_svg(power_flow_speeds.cases))
    assert len(root.findall(f"{SVG}circle")) == 2
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert {
        "ieee33: 10 GFLOP/s",
        "ieee123: 30 GFLOP/s",
        "multiply-adds: 100 GFLOP/s",
    } <= set(texts)


def test_points_lie_below_the_roofs(power_flow_speeds: PowerFlowSpeeds) -> None:
    root = ET.fromstring(roofline_svg(power_flow_speeds.cases))
    level = min(
        float(line.attrib["y2"])
        for line in root.findall(f"{SVG}line")
        if line.attrib["class"] == "roof"
    )
    assert all(
        float(point.attrib["cy"]) > level for point in root.findall(f"{SVG}circle")
    )


def test_labels_keep_their_distance(power_flow_speeds: PowerFlowSpeeds) -> None:
    same = (power_flow_speeds.cases[0], power_flow_speeds.cases[0])
    root = ET.fromstring(roofline_svg(same))
    first, second = (
        float(t.attrib["y"])
        for t in root.findall(f"{SVG}text")
        if (t.text or "").startswith("ieee33")
    )
    assert abs(first - second) >= 18


def test_a_logarithmic_axis() -> None:
    axis = Axis(1.0, 100.0, 0.0, 400.0)
    assert axis.at(10.0) == pytest.approx(200.0)
    assert axis.ticks() == pytest.approx([1, 2, 5, 10, 20, 50, 100])
    # numbers would cover each other
    narrow = Axis(1.0, 100.0, 0.0, 200.0)
    assert narrow.ticks() == pytest.approx([1, 10, 100])
