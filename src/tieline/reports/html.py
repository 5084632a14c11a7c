"""A report as one HTML file that opens anywhere: nothing is fetched, the figure library is inside, once.

A report has a headline with labelled values, a box with violations and approximations, contents, sections of text, figures,
diagrams and tables, and at the end the configuration and provenance. Its content security policy forbids every outside request,
also to browsers of the future. Figures stay interactive, diagrams are zoomed and moved by `templates/diagram.js`; on paper both
are redrawn to the width of the page. Where a reader has asked for a dark page, drawings and figures keep their white paper.

Text is escaped everywhere; only diagrams are put in as they are. Left out: tables longer than `Table.most_rows`, whose remainder
is in the tables saved beside the report.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tieline.reports.headings import heading_words
from tieline.reports.headline import Headline
from tieline.reports.legend import legend_html
from tieline.reports.numbers import format_column, format_number, is_number
from tieline.reports.remarks import Remark, broken, grouped
from tieline.reports.slider import Slider, slider_content

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure as PlotlyFigure

    from tieline.reports.drawing_and_legend import OneLine

PLOTLY_SETTINGS = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtons": [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
}


LONGEST_VALUE = 18
LONGEST_WORD = 10
"""Letters of a tile's value, and of a word in it, that fit in large letters on a phone."""

MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d)?")
"""A time with its day as tables have it, where they have it as text."""


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    kind: str = field(default="text", init=False)


@dataclass(frozen=True)
class Figure:
    """A plotly figure (see `figures`) with what it shows in a sentence."""

    figure: PlotlyFigure
    caption: str = ""
    kind: str = field(default="figure", init=False)


@dataclass(frozen=True)
class Diagram:
    """A one-line diagram (see `diagram`), or any other <svg> element, with what it shows in a sentence. It is trusted: it goes
    into the page as it is.
    """

    drawing: OneLine | str
    caption: str = ""
    kind: str = field(default="diagram", init=False)


@dataclass(frozen=True)
class Table:
    """A table; column names with units, like "pv_kw", become headings with units, unless `headings` gives another heading (unit
    in brackets).

    `rest_in` names the file that holds all rows, for the note under a table that is cut at `most_rows`.
    """

    frame: pd.DataFrame
    caption: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)
    most_rows: int = 30
    rest_in: str = ""
    kind: str = field(default="table", init=False)


Block = Text | Figure | Diagram | Slider | Table


@dataclass(frozen=True)
class Section:
    """A heading, a sentence or two that say what follows, and the content."""

    title: str
    blocks: Sequence[Block]
    intro: str = ""


@dataclass(frozen=True)
class Report:
    """What a page says, as data; where the answer comes from is added by who writes the page.

    Attributes:
        headline: the short answer.
        sections: the content in reading order.
        facts: what belongs to the provenance beside what every answer has; a mapping becomes a group of its own.
        unused: settings that had no say, and are left out of the provenance.
    """

    headline: Headline
    sections: Sequence[Section]
    facts: Mapping[str, Any] = field(default_factory=dict)
    unused: Collection[str] = ()


@dataclass(frozen=True)
class Column:
    """A column ready for the page."""

    heading: str
    unit: str
    cells: list[str]
    is_number: bool


def write_page(
    path: Path,
    report: Report,
    provenance: Mapping[str, Any],
    remarks: Sequence[Remark] = (),
    byline: Sequence[str] = (),
) -> None:
    """Write a report.

    Args:
        path: the file to write; its folder exists.
        report: the content.
        provenance: how the answer came about, shown folded at the end; a nested mapping becomes a group of its own.
        remarks: what a reader must know beside the numbers; the broken limits of the headline stand before them.
        byline: when, of what and by whom, in a few words each.
    """
    template = _environment().get_template("report.html")
    plotly_js = ""
    if _has(Figure, report.sections):
        plotly_js = _plotly_js()
    headline = report.headline
    html = template.render(
        title=headline.title,
        subtitle=headline.question,
        byline=[part for part in byline if part],
        summary=headline.tiles,
        remark_groups=grouped([*broken(headline.violations), *remarks]),
        sections=_rendered(report.sections),
        provenance=_groups(provenance),
        plotly_js=plotly_js,
        has_diagram=_has(Diagram, report.sections) or _has(Slider, report.sections),
        has_slider=_has(Slider, report.sections),
    )
    path.write_text(html, encoding="utf-8")


def table_columns(table: Table) -> list[Column]:
    """Headings, units and formatted cells of the rows that are shown."""
    rows = table.frame.head(table.most_rows)
    return [
        _column(str(name), rows[name].tolist(), table.headings.get(str(name)))
        for name in rows.columns
    ]


def _column(name: str, values: list[Any], heading: str | None) -> Column:
    words, unit = heading_words(name)
    if heading is not None:
        words, _, tail = heading.partition(" [")
        unit = tail.rstrip("]") or unit if tail else ""
    cells = [_in_words(value) for value in values]
    return Column(words, unit, format_column(cells, unit), _holds_numbers(values))


def _holds_numbers(values: Sequence[Any]) -> bool:
    """Whether a column is read as numbers; gaps between texts, which are NaN, make none of it."""
    numbers = [value for value in values if is_number(value)]
    has_text = any(isinstance(value, str) for value in values)
    return bool(numbers) and not (has_text and all(map(math.isnan, numbers)))


def _in_words(value: Any) -> Any:
    """A time with its day as a reader says it; other values as they are."""
    is_text = isinstance(value, str) and MOMENT.fullmatch(value) is not None
    if not is_text and not isinstance(value, datetime):
        return value
    # heavy: tables without times do without
    from tieline.reports.clock import moment_words

    return moment_words(value)


def _rendered(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Sections as the template wants them; figures and tables are numbered through, so that two runs give the same file."""
    number = 0
    pages = []
    for section in sections:
        blocks = []
        for block in section.blocks:
            # Plotly would draw an id at random, and no two pages would be alike.
            number += isinstance(block, Figure | Table)
            blocks.append(_rendered_block(block, number))
        pages.append({"title": section.title, "intro": section.intro, "blocks": blocks})
    return pages


def _rendered_block(block: Block, number: int) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"kind": block.kind, "text": block.text}
    if isinstance(block, Slider):
        return slider_content(block) | drawing_content(block.drawing)
    if isinstance(block, Diagram):
        content = drawing_content(block.drawing)
        return {"kind": block.kind, "caption": block.caption, **content}
    if isinstance(block, Figure):
        return {
            "kind": block.kind,
            "picture": _figure_html(block.figure, number),
            "legend": "",
            "caption": block.caption,
        }
    columns = table_columns(block)
    return {
        "kind": block.kind,
        "columns": columns,
        "rows": rows_of(columns),
        "id": f"table-{number}",
        "caption": block.caption,
        "note": cut_note(block),
    }


def drawing_content(drawing: OneLine | str) -> dict[str, str]:
    """What the template needs of a drawing: itself, and its legend as text of the page."""
    if isinstance(drawing, str):
        return {"picture": drawing, "legend": ""}
    return {"picture": drawing.drawing, "legend": legend_html(drawing.legend)}


def rows_of(columns: list[Column]) -> list[list[tuple[str, bool]]]:
    """Cells row by row, each with whether its column holds numbers."""
    marked = [[(cell, column.is_number) for cell in column.cells] for column in columns]
    return [list(row) for row in zip(*marked, strict=True)]


def cut_note(table: Table) -> str:
    """What is said under a table of which not all rows are shown; empty where all are."""
    count = len(table.frame)
    if count <= table.most_rows:
        return ""
    note = f"The first {table.most_rows} of {format_number(count)} rows."
    if table.rest_in:
        return f"{note} All rows are in {table.rest_in}."
    return note


def _figure_html(figure: PlotlyFigure, number: int) -> str:
    import plotly.io

    return plotly.io.to_html(
        figure,
        include_plotlyjs=False,
        full_html=False,
        div_id=f"figure-{number}",
        config=PLOTLY_SETTINGS,
        default_width="100%",
    )


def _plotly_js() -> str:
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def _has(kind: type[Block], sections: Sequence[Section]) -> bool:
    """Whether any block is of a kind."""
    return any(
        isinstance(block, kind) for section in sections for block in section.blocks
    )


def _groups(provenance: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Plain entries first, without a heading; then one group per nested mapping."""
    groups: dict[str, Mapping[str, Any]] = {"": {}}
    for name, value in provenance.items():
        if isinstance(value, Mapping):
            groups[name] = value
        else:
            groups[""] = {**groups[""], name: value}
    return [
        (name, [(key, _value_text(value)) for key, value in entries.items()])
        for name, entries in groups.items()
        if name or entries
    ]


def _value_text(value: Any) -> str:
    """Configuration is shown exactly, not rounded."""
    if isinstance(value, list | tuple):
        return ", ".join(_value_text(part) for part in value)
    if value is None or isinstance(value, bool):
        return format_number(value)
    return str(value)


def _is_long(value: str) -> bool:
    """Whether a tile needs smaller letters: for all of its value, or for a word that a phone would break."""
    widest_word = max(map(len, value.split()), default=0)
    return len(value) > LONGEST_VALUE or widest_word > LONGEST_WORD


def _environment() -> Any:
    import jinja2

    from tieline.reports.prose import prose

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tieline.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = prose
    environment.filters["is_long"] = _is_long
    return environment
