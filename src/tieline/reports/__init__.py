"""Answers for people: one-line diagrams, figures and tables, put together into a self-contained HTML report.

Public are the parts of a report, and what makes a drawing or a number readable. They are fetched when first used, because figures
need plotly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.reports.coloured_lines import line_colours
    from tieline.reports.diagram import one_line, one_line_svg
    from tieline.reports.html import (
        Block,
        Diagram,
        Figure,
        Report,
        Section,
        Table,
        Text,
        write_page,
    )
    from tieline.reports.numbers import format_number
    from tieline.reports.slider import Slider, Steps
    from tieline.reports.slider_diagram import diagram_over_time

__all__ = [
    "Block",
    "Diagram",
    "Figure",
    "Report",
    "Section",
    "Slider",
    "Steps",
    "Table",
    "Text",
    "diagram_over_time",
    "format_number",
    "line_colours",
    "one_line",
    "one_line_svg",
    "write_page",
]

_HTML = "tieline.reports.html"

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "Block": _HTML,
        "Diagram": _HTML,
        "Figure": _HTML,
        "Report": _HTML,
        "Section": _HTML,
        "Table": _HTML,
        "Text": _HTML,
        "write_page": _HTML,
        "format_number": "tieline.reports.numbers",
        "line_colours": "tieline.reports.coloured_lines",
        "one_line": "tieline.reports.diagram",
        "one_line_svg": "tieline.reports.diagram",
        "Slider": "tieline.reports.slider",
        "Steps": "tieline.reports.slider",
        "diagram_over_time": "tieline.reports.slider_diagram",
    },
)
