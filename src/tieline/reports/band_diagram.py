"""`BandDiagram`: the one-line diagram of a network with the voltages of one moment, drawn anew from moment to moment.

A bus has the colour of the voltage of its phases that is farthest from nominal, on a scale from one edge of the band to the
other; beyond the band it has a colour and a size of its own. Size, places and legend are the same in every drawing, whatever the
voltages are, so that drawings can follow each other in a video.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tieline.network.network import Network
from tieline.network.voltage_points import voltage_points
from tieline.reports.bus_colours import BEYOND, PLAIN, WITHOUT, BusColours
from tieline.reports.colours import CATEGORIES, INK, ClassStyle, colour_at
from tieline.reports.diagram import draw_feeder
from tieline.reports.legend import Entry, scale_entry, style_entry
from tieline.reports.numbers import format_number
from tieline.typing import ComplexArray

ABOVE = replace(BEYOND, rank=2)
BELOW = replace(ABOVE, fill=CATEGORIES[1])
"""Amber: far from the red of what is above, and from both ends of the scale."""

UNLIMITED_PU = (0.9, 1.1)
"""Ends of the scale where there is no limit: those of EN 50160, the widest band of the profiles."""

INSIDE = replace(PLAIN, stroke=INK, rank=1)


class BandDiagram:
    """Draws the voltages of a network against a band.

    Args:
        network: what is drawn.
        band_pu: lowest and highest voltage, the ends of the scale; 0 and infinity for no limit.
    """

    def __init__(self, network: Network, band_pu: tuple[float, float]):
        self.network = network
        self.band_pu = band_pu
        low, high = band_pu
        widest_low, widest_high = UNLIMITED_PU
        self._scale_pu = (low or widest_low, min(high, widest_high))
        self._points = voltage_points(network)

    def svg(self, v_pu: ComplexArray | None, title: str) -> str:
        """The drawing of a moment.

        Args:
            v_pu: node voltages, (node,), 0 or NaN where there is none; None if none are known.
            title: heading of the drawing; one line.
        """
        feeder = self.network.feeder
        voltages = {}
        if v_pu is not None:
            voltages = self._by_bus(v_pu)
        drawing = draw_feeder(feeder, self._colours(voltages), {}, title)
        # the symbols' entries follow those of the colours, which are none of the bus colours here
        return replace(drawing, legend=(*self._legend(), *drawing.legend)).svg

    def _by_bus(self, v_pu: ComplexArray) -> dict[str, float]:
        """The voltage of each bus that is farthest from nominal [pu]; a bus without voltage is left out."""
        points = self._points
        (vm_pu,) = points.magnitude_pu(v_pu[None])
        # 0 is de-energised, not low
        live = np.flatnonzero(vm_pu > 0)
        nearest_first = live[np.argsort(np.abs(vm_pu[live] - 1.0))]
        buses = self.network.feeder.buses
        # the last to be put into a dictionary stays there
        return {buses[points.bus[k]].name: float(vm_pu[k]) for k in nearest_first}

    def _colours(self, voltages: Mapping[str, float]) -> BusColours:
        style = {bus.name: WITHOUT for bus in self.network.feeder.buses}
        text = {}
        for bus, vm_pu in voltages.items():
            style[bus] = self._style(vm_pu)
            text[bus] = f"{format_number(vm_pu, 'pu')} pu"
        return BusColours(style, [], [], text)

    def _style(self, vm_pu: float) -> ClassStyle:
        low, high = self.band_pu
        if vm_pu > high:
            return ABOVE
        if vm_pu < low:
            return BELOW
        lightest, darkest = self._scale_pu
        share = (vm_pu - lightest) / (darkest - lightest)
        return replace(INSIDE, fill=colour_at(share))

    def _legend(self) -> tuple[Entry, ...]:
        low, high = self.band_pu
        label = "voltage farthest from nominal [pu]"
        entries = [scale_entry(label, *self._scale_pu, "high", "pu")]
        if np.isfinite(high):
            entries.append(style_entry(f"above {format_number(high, 'pu')} pu", ABOVE))
        if low > 0:
            entries.append(style_entry(f"below {format_number(low, 'pu')} pu", BELOW))
        return (*entries, style_entry("no voltage", WITHOUT))
