"""A chart of curves is well-formed, and its points stand where the axes say."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from tieline.bench.powerflow.log_chart import curves_svg

SVG = "{http://www.w3.org/2000/svg}"
CURVES = {"one": {1.0: 1.0, 10.0: 10.0, 100.0: 100.0}, "<two>": {1.0: 100.0}}


def test_points_of_a_power_stand_on_a_straight_line() -> None:
    root = ET.fromstring(curves_svg(CURVES, "title", "x", "y"))
    line = root.find(f"{SVG}polyline")
    assert line is not None
    pixels = [pair.split(",") for pair in line.attrib["points"].split()]
    x = [float(pixel_x) for pixel_x, _ in pixels]
    y = [float(pixel_y) for _, pixel_y in pixels]
    assert x[1] - x[0] == pytest.approx(x[2] - x[1], abs=0.2)
    assert y[1] - y[0] == pytest.approx(y[2] - y[1], abs=0.2)
    assert y[2] < y[0]  # more is higher


def test_every_curve_has_its_points_and_its_name() -> None:
    root = ET.fromstring(curves_svg(CURVES, "title", "x", "y"))
    assert len(root.findall(f"{SVG}circle")) == 4
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert {"one", "<two>", "x", "y"} <= set(texts)


def test_numbers_of_an_axis_have_no_exponents() -> None:
    root = ET.fromstring(curves_svg({"one": {1.0: 1.0, 1e6: 2e6}}, "title", "x", "y"))
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert "1,000,000" in texts
    assert not any("e+" in text for text in texts if text)
