"""The diagram of a moment: colours by the band, and nothing else that changes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.reports.band_diagram import ABOVE, BELOW, BandDiagram
from tieline.reports.bus_colours import WITHOUT
from tieline.reports.colours import colour_at
from tieline.typing import ComplexArray

BAND_PU = (0.95, 1.05)


@pytest.fixture(scope="module")
def diagram() -> BandDiagram:
    return BandDiagram(Network.from_feeder(two_bus()), BAND_PU)


def dots(svg: str) -> list[str]:
    """Colours of the buses, in the order in which they are drawn."""
    return re.findall(r'<circle class="tl-bus"[^>]*fill="(#\w+)"', svg)


@pytest.mark.parametrize(
    ("voltage_pu", "colour"),
    [
        (1.051, ABOVE.fill),
        (0.949, BELOW.fill),
        (0.0, WITHOUT.fill),
        (complex(np.nan, np.nan), WITHOUT.fill),
        (1.05j, colour_at(1.0)),
        (-0.95, colour_at(0.0)),
        (0.975, colour_at(0.25)),
    ],
)
def test_a_bus_has_the_colour_of_its_voltage(
    diagram: BandDiagram, voltage_pu: complex, colour: str
) -> None:
    v_pu = np.full(diagram.network.n_nodes, 1.0 + 0j)
    last_bus = diagram.network.feeder.buses[-1].name
    v_pu[diagram.network.node_index[f"{last_bus}.1"]] = voltage_pu
    assert colour in dots(diagram.svg(v_pu, "now"))


def test_the_phase_farthest_from_nominal_counts() -> None:
    network = Network.from_feeder(load_feeder("ieee13"))
    v_pu = np.full(network.n_nodes, 1.04 + 0j)
    v_pu[network.node_index["671.2"]] = 0.949
    colours = dots(BandDiagram(network, BAND_PU).svg(v_pu, "now"))
    assert colours.count(BELOW.fill) == 1
    assert colours.count(colour_at(0.9)) == len(colours) - 1


def test_only_dots_and_title_change(diagram: BandDiagram) -> None:
    ones: ComplexArray = np.ones(diagram.network.n_nodes, dtype=complex)
    voltages = (None, np.zeros_like(ones), ones, 1.2 * ones)
    svgs = [diagram.svg(v_pu, "now") for v_pu in voltages]
    dot = re.compile(r'<circle class="tl-bus".*?</circle>', re.DOTALL)
    assert len({dot.sub("", svg) for svg in svgs}) == 1


def test_without_limits_the_scale_is_that_of_the_widest_band() -> None:
    diagram = BandDiagram(Network.from_feeder(two_bus()), (0.0, np.inf))
    svg = diagram.svg(np.full(diagram.network.n_nodes, 0.5 + 0j), "now")
    assert colour_at(0.0) in dots(svg)
    assert "above" not in svg
