"""Symbols of a one-line diagram, as SVG around the origin; the unit is the radius of an ordinary bus.

They follow IEC 60617 where a sign reads at a few millimetres: two circles for a transformer, an arrow across for a regulated
one, two plates for a capacitor, a sine wave for the grid, a line across for a current source. A device hangs off its bus: its
symbol points along +x and is turned to a free side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tieline.reports.colours import INK, MUTED, PAPER

DEVICE_REACH = 4.6
"""How far a device symbol reaches from its bus."""

_LINE = f'fill="none" stroke="{INK}" stroke-width=".34" stroke-linecap="round" stroke-linejoin="round"'
_SHAPE = f'fill="{PAPER}" stroke="{INK}" stroke-width=".34" stroke-linejoin="round"'


def transformer(is_regulated: bool = False) -> str:
    """Two overlapping circles along x."""
    circles = f'<circle cx="-.8" r="1.4" {_SHAPE}/><circle cx=".8" r="1.4" fill="none" stroke="{INK}" stroke-width=".34"/>'
    return circles + (_arrow() if is_regulated else "")


def regulator() -> str:
    """A circle with an arrow across."""
    return f'<circle r="1.45" {_SHAPE}/>' + _arrow()


def switch(is_closed: bool) -> str:
    """A square, filled when closed."""
    return f'<rect x="-.75" y="-.75" width="1.5" height="1.5" {_SHAPE.replace(PAPER, INK if is_closed else PAPER)}/>'


def source() -> str:
    """The grid: a sine wave in a double circle, fed in from the bus at the origin."""
    wave = f'<path d="M2.75 0q.6 -1.3 1.2 0t1.2 0" {_LINE}/>'
    return f'<path d="M0 0H1.9" {_LINE}/><circle cx="3.95" r="2.05" {_SHAPE}/><circle cx="3.95" r="1.65" {_SHAPE}/>{wave}'


def load() -> str:
    """A small arrow away from the bus."""
    return f'<path d="M0 0H2.2" fill="none" stroke="{MUTED}" stroke-width=".3"/><path d="M2 -.62L3.1 0L2 .62Z" fill="{MUTED}"/>'


def capacitor() -> str:
    """Two plates."""
    return f'<path d="M0 0H2.2M2.2 -1.2V1.2M3 -1.2V1.2M3 0H3.7M3.7 -.7V.7" {_LINE}/>'


def shunt() -> str:
    """A box to ground."""
    return f'<path d="M0 0H1.7M3.5 0H4.1M4.1 -.7V.7" {_LINE}/><rect x="1.7" y="-.5" width="1.8" height="1" {_SHAPE}/>'


def pv() -> str:
    """A panel with its cells."""
    return _boxed("#ffe08a", '<path d="M3.1 -1.1V1.1M2 0H4.2"')


def storage() -> str:
    """A battery: long and short plate pairs in a box."""
    return _boxed(
        "#bfe3d0", '<path d="M2.5 -.75V.75M3 -.35V.35M3.45 -.75V.75M3.95 -.35V.35"'
    )


def generator() -> str:
    """A circle with a sine wave."""
    wave = f'<path d="M2.3 0q.4 -.9 .8 0t.8 0" {_LINE}/>'
    return f'<path d="M0 0H1.9" {_LINE}/><circle cx="3.1" r="1.25" {_SHAPE.replace(PAPER, "#d6e4f5")}/>{wave}'


def current_source() -> str:
    """A circle with a line across its lead."""
    return f'<path d="M0 0H1.85" {_LINE}/><circle cx="3.1" r="1.25" {_SHAPE}/><path d="M3.1 -1.25V1.25" {_LINE}/>'


DEVICES: Mapping[str, tuple[str, Callable[[], str]]] = {
    "loads": ("load", load),
    "capacitors": ("capacitor", capacitor),
    "pvs": ("PV", pv),
    "storages": ("storage", storage),
    "generators": ("generator", generator),
    "shunts": ("shunt", shunt),
    "current_sources": ("current source", current_source),
}
"""Field of `Feeder`, name in the legend, symbol."""


def placed(
    symbol: str, x: float, y: float, turn_deg: float, size: float, tooltip: str = ""
) -> str:
    """A symbol at a point, turned clockwise and scaled; `tooltip` is XML already."""
    title = f"<title>{tooltip}</title>" if tooltip else ""
    # no turn is the usual case: a page with thousands of symbols is shorter without it
    is_turned = round(turn_deg) % 360 != 0
    turn = ""
    if is_turned:
        turn = f" rotate({turn_deg:.0f})"
    place = f"translate({x:.1f} {y:.1f}){turn} scale({size:.2f})"
    return f'<g transform="{place}">{title}{symbol}</g>'


def _boxed(fill: str, inner: str) -> str:
    box = f'<rect x="2" y="-1.1" width="2.2" height="2.2" rx=".2" {_SHAPE.replace(PAPER, fill)}/>'
    return f'<path d="M0 0H2" {_LINE}/>{box}{inner} {_LINE}/>'


def _arrow() -> str:
    return f'<path d="M-1.8 1.8L1.9 -1.9M1 -1.9H1.9V-1" {_LINE}/>'
