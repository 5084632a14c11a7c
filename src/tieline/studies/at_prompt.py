"""A `Result` in a few lines, for whoever types its name at a prompt or in a notebook: the same headline as page and screen."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tieline.counted import counted
from tieline.reports.html import Table, table_columns

if TYPE_CHECKING:
    from tieline.reports.remarks import RemarkGroup
    from tieline.studies.result import Result

ROWS_SHOWN = 10
"""Rows of the table in a notebook."""


def result_text(result: Result) -> str:
    """The answer, its tiles, and where the rest is."""
    headline = result.headline
    lines = [
        headline.title,
        *(f"{label}: {value}" for label, value in headline.tiles),
        f"all {counted(len(result.metrics), 'metric')}: .metrics",
    ]
    if result.tables:
        lines.append(f"tables: {', '.join(result.tables)}")
    lines += [
        f"{group.title}: {counted(len(group.texts), 'remark')}, .remarks"
        for group in result.remark_groups
    ]
    return "\n  ".join(lines)


def result_html(result: Result) -> str:
    """The answer, its tiles, the table that matters most, and the remarks; for notebooks."""
    headline = result.headline
    tiles = [
        f"<tr><th style='text-align:left'>{escape(label)}</th><td>{escape(value)}</td></tr>"
        for label, value in headline.tiles
    ]
    table = ""
    if headline.table is not None:
        table = _table_html(headline.table)
    groups = "".join(map(_group_html, result.remark_groups))
    return (
        f"<p><b>{escape(headline.title)}</b></p><table>{''.join(tiles)}</table>{table}{groups}"
        f"<p>study {escape(result.study)}, {result.wall_s:.1f} s; all numbers: <code>.metrics</code>, "
        "<code>.tables</code>; the whole report: <code>.open()</code></p>"
    )


def _table_html(table: Table) -> str:
    columns = table_columns(table)
    heads = [
        f"<th>{escape(column.heading)} {escape(column.unit)}</th>" for column in columns
    ]
    cells = zip(*(column.cells[:ROWS_SHOWN] for column in columns), strict=True)
    rows = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in cells]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f"<p>{escape(table.caption)}</p><table><tr>{''.join(heads)}</tr>{body}</table>"
    )


def _group_html(group: RemarkGroup) -> str:
    texts = "".join(f"<li>{escape(text)}</li>" for text in group.texts)
    return f"<details><summary>{escape(group.title)} ({len(group.texts)})</summary><ul>{texts}</ul></details>"
