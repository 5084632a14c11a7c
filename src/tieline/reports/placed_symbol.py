"""`PlacedSymbol`: a symbol on the paper of a one-line diagram, and what of the paper it covers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

from tieline.reports import symbols
from tieline.reports.labels import Box
from tieline.reports.layout import Point


@dataclass(frozen=True)
class PlacedSymbol:
    """A symbol on the paper: its name in the legend, SVG, origin, direction, size and tooltip."""

    name: str
    symbol: str
    point: Point
    turn_deg: float
    px: float
    text: str

    @property
    def svg(self) -> str:
        """The symbol as SVG, with its tooltip."""
        return symbols.placed(
            self.symbol, *self.point, self.turn_deg, self.px, escape(self.text)
        )

    def box(self, start: float, end: float, half: float) -> Box:
        """What the symbol covers if it runs from `start` to `end` along its direction, `half` to both sides."""
        start_x, start_y = self._along(start)
        end_x, end_y = self._along(end)
        x_low, x_high = sorted((start_x, end_x))
        y_low, y_high = sorted((start_y, end_y))
        side = self.px * half
        return (x_low - side, y_low - side, x_high + side, y_high + side)

    def _along(self, reach: float) -> Point:
        """The point that far along the symbol's direction."""
        angle = math.radians(self.turn_deg)
        x, y = self.point
        length = self.px * reach
        along_x = length * math.cos(angle)
        along_y = length * math.sin(angle)
        return x + along_x, y + along_y
