"""Pictures of the examples: what sphinx-gallery shows below a block that has made a plot or a result.

A plot is drawn. Of a result the first diagram of its report is, because that says most at a glance.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx_gallery.scrapers import figure_rst

from tieline import Plot, Result
from tieline.reports import Diagram
from tieline.studies.catalogue import find_study

SHOWN = "docs_site_shown"
"""Where the names of a script keep what was shown already."""


def scrape_pictures(block: Any, variables: dict[str, Any], conf: dict[str, Any]) -> str:
    """Called by sphinx-gallery behind each block; returns the images as reStructuredText."""
    names = variables["example_globals"]
    shown = names.setdefault(SHOWN, set())
    paths = []
    for name, value in list(names.items()):
        if name in shown:
            continue
        for drawing in _drawings(value):
            path = Path(next(variables["image_path_iterator"])).with_suffix(".svg")
            path.write_text(drawing, encoding="utf-8")
            paths.append(str(path))
            shown.add(name)
    return figure_rst(paths, conf["src_dir"])


def _drawings(value: Any) -> Iterator[str]:
    if isinstance(value, Plot) and isinstance(value.block, Diagram):
        yield svg_of(value.block)
    if isinstance(value, Result):
        report = find_study(value.study).report(value)
        blocks = [block for section in report.sections for block in section.blocks]
        diagrams = [block for block in blocks if isinstance(block, Diagram)]
        yield from map(svg_of, diagrams[:1])


def svg_of(diagram: Diagram) -> str:
    """The drawing of a diagram, with its legend."""
    drawing = diagram.drawing
    return drawing if isinstance(drawing, str) else drawing.svg
