"""`OneLine`: a one-line diagram as a drawing and its legend, which a page sets apart and a file of its own has below.

The network stands in an inner <svg>: a page zooms and moves it by its `viewBox`, and the legend stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from tieline.reports.colours import INK, PAPER
from tieline.reports.legend import Entry, draw_legend

WIDTH = 1000.0
MARGIN = 44.0
TITLE_PX = 30.0
BELOW_LEGEND_PX = 8.0
FONT_FAMILY = (
    "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
)

STYLE = (
    f".tl-bus:hover{{stroke:{INK};stroke-width:4px}}.tl-branch:hover{{stroke:#0072b2;stroke-width:6px}}"
    f".tl-name{{fill:{INK};paint-order:stroke;stroke:{PAPER};stroke-width:2.5px;stroke-linejoin:round;pointer-events:none}}"
)


@dataclass(frozen=True)
class OneLine:
    """A drawing of a network.

    Attributes:
        network: its SVG, the corner of the layout at the origin.
        height: of the layout [px]; its width is that of every drawing.
        legend: what its colours, symbols and lines mean.
        name: what it shows, for who cannot see it.
        title: heading of the drawing, empty for none.
    """

    network: str
    height: float
    legend: tuple[Entry, ...]
    name: str
    title: str = ""

    @property
    def drawing(self) -> str:
        """The drawing without its legend, an <svg> element."""
        return self._element(self._bottom, "")

    @property
    def svg(self) -> str:
        """The drawing with its legend below, an <svg> element that stands alone."""
        legend, legend_px = draw_legend(self.legend, self._bottom, WIDTH - MARGIN)
        shifted = f'<g transform="translate({MARGIN / 2:g} 0)">{legend}</g>'
        return self._element(self._bottom + legend_px + BELOW_LEGEND_PX, shifted)

    @property
    def _top(self) -> float:
        """Where the network's margin begins."""
        return TITLE_PX if self.title else 0.0

    @property
    def _bottom(self) -> float:
        return self._top + self.height + 2 * MARGIN

    def _element(self, height: float, below: str) -> str:
        heading = ""
        if self.title:
            heading = (
                f'<text x="{MARGIN / 2:g}" y="26" font-size="17" font-weight="600" '
                f'fill="{INK}">{escape(self.title)}</text>'
            )
        network_px = self.height + 2 * MARGIN
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="tl-diagram" viewBox="0 0 {WIDTH:g} {height:.0f}" '
            f'role="img" aria-label="{escape(self.name)}" font-family="{FONT_FAMILY}"><style>{STYLE}</style>{heading}'
            f'<svg class="tl-network" y="{self._top:g}" width="{WIDTH:g}" height="{network_px:.0f}" '
            f'viewBox="{-MARGIN:g} {-MARGIN:g} {WIDTH:g} {network_px:.0f}">{self.network}</svg>{below}</svg>'
        )
