"""Legend of a one-line diagram: entries below the drawing, each a key with its text.

In a drawing that stands alone the entries are rows of SVG. A page has them as text of its own size, which wraps on a phone, where
the drawing shrinks to a third.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tieline.reports.colours import INK, MUTED, PAPER, ClassStyle, Worst, colour_at
from tieline.reports.dots import dot_attributes, written
from tieline.reports.numbers import format_number
from tieline.reports.symbols import placed

FONT_PX = 12.0
ROW_PX = 22.0
KEY_PX = 30.0
DOT_PX = 8.0
DOT_GAP_PX = 7.0
"""Where the dot of a class stands in its key, and how far the text stays from it."""

CHARACTER_PX = 6.6
SPACE_PX = 22.0
LEAD_GAP_PX = 8.0
SYMBOL_PX = 5.0
BAR_PX = 180.0
BAR_STEPS = 36


@dataclass(frozen=True)
class Entry:
    """A key, drawn around its left middle at the origin and `key_px` wide, the text after it, and perhaps one before it."""

    key: str
    text: str
    key_px: float = KEY_PX
    lead: str = ""

    @property
    def lead_px(self) -> float:
        """Room that the text before the key takes."""
        if not self.lead:
            return 0.0
        return len(self.lead) * CHARACTER_PX + LEAD_GAP_PX

    @property
    def width_px(self) -> float:
        """Room the entry takes in its row."""
        text_px = len(self.text) * CHARACTER_PX
        return self.lead_px + self.key_px + text_px + SPACE_PX


def draw_legend(
    entries: Sequence[Entry], top: float, width: float
) -> tuple[str, float]:
    """The legend as SVG and its height, entries flowing from left to right within `width`."""
    if not entries:
        return "", 0.0
    parts = []
    x = 0.0
    row = 0
    for entry in entries:
        end = x + entry.width_px - SPACE_PX
        if x > 0 and end > width:
            x = 0.0
            row += 1
        y = top + (row + 0.5) * ROW_PX
        parts.append(_entry_svg(entry, x, y))
        x += entry.width_px
    body = f'<g class="tl-legend" font-size="{FONT_PX:g}" fill="{MUTED}">{"".join(parts)}</g>'
    return body, (row + 1) * ROW_PX


def _entry_svg(entry: Entry, x: float, y: float) -> str:
    """An entry with its left middle at a point."""
    lead = ""
    if entry.lead:
        lead = f'<text y="4">{escape(entry.lead)}</text>'
    key = f'<g transform="translate({entry.lead_px:.0f})">{entry.key}</g>'
    text_x = entry.lead_px + entry.key_px
    text = f'<text x="{text_x:.0f}" y="4">{escape(entry.text)}</text>'
    return f'<g transform="translate({x:.1f} {y:.1f})">{lead}{key}{text}</g>'


def legend_html(entries: Sequence[Entry]) -> str:
    """The legend as a list of a page."""
    items = "".join(map(_entry_html, entries))
    if not items:
        return ""
    return f'<ul class="legend">{items}</ul>'


def _entry_html(entry: Entry) -> str:
    half_px = ROW_PX / 2
    key = (
        f'<svg width="{entry.key_px:.0f}" height="{ROW_PX:g}" aria-hidden="true" '
        f'viewBox="0 {-half_px:g} {entry.key_px:.0f} {ROW_PX:g}">{entry.key}</svg>'
    )
    lead = ""
    if entry.lead:
        lead = f"<span>{escape(entry.lead)}</span>"
    return f"<li>{lead}{key}<span>{escape(entry.text)}</span></li>"


def class_entry(name: str, count: int, style: ClassStyle) -> Entry:
    """A bus class with the number of its buses."""
    return style_entry(f"{name} ({format_number(count)})", style)


def style_entry(text: str, style: ClassStyle) -> Entry:
    """A bus as it is drawn, and what that means."""
    # as in the smallest feeder: a legend is read, whatever the size of the drawing
    attributes = dot_attributes(1, style)
    radius = float(attributes["r"])
    dot = f'<circle cx="{DOT_PX:g}" {written(attributes)}/>'
    return Entry(dot, text, DOT_PX + radius + DOT_GAP_PX)


def scale_entry(label: str, low: float, high: float, worst: Worst, unit: str) -> Entry:
    """What the values are, and a colour bar between the values at its ends."""
    step = BAR_PX / BAR_STEPS
    # cells overlap a little: else some viewers show seams between them
    cell_px = step + 0.4
    cells = ""
    for k in range(BAR_STEPS):
        x = k * step
        middle = (k + 0.5) / BAR_STEPS
        colour = colour_at(middle, worst)
        cells += f'<rect x="{x:.1f}" y="-6" width="{cell_px:.1f}" height="12" fill="{colour}"/>'
    lead = f"{label} {format_number(low, unit)}".strip()
    return Entry(cells, format_number(high, unit), BAR_PX + LEAD_GAP_PX, lead)


def symbol_entry(
    symbol: str, text: str, origin_px: float = 12.0, key_px: float = KEY_PX
) -> Entry:
    """A symbol of the diagram; `origin_px` moves its origin from the left."""
    return Entry(placed(symbol, origin_px, 0, 0, SYMBOL_PX), text, key_px)


def line_entry(
    text: str, stroke_px: float, dashed: bool = False, colour: str = INK
) -> Entry:
    """A piece of line."""
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return Entry(
        f'<path d="M0 0H22" fill="{PAPER}" stroke="{colour}" stroke-width="{stroke_px:.1f}"{dashes}/>',
        text,
    )
