"""A `Result` in a few lines, for whoever types its name at a prompt or in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tieline.counted import counted
from tieline.reports.numbers import format_number

if TYPE_CHECKING:
    from tieline.studies.result import Result

METRICS_SHOWN = 4
"""Metrics in the text; a study names its headline first."""


def result_text(result: Result) -> str:
    """Study, feeder, the first metrics, and where the rest is."""
    names = list(result.metrics)[:METRICS_SHOWN]
    lines = [
        _title(result),
        *(f"{name}: {format_number(result.metrics[name])}" for name in names),
    ]
    if len(result.metrics) > len(names):
        lines.append(f"all {len(result.metrics)} metrics: .metrics")
    if result.tables:
        lines.append(f"tables: {', '.join(result.tables)}")
    if result.warnings:
        lines.append(f"{counted(len(result.warnings), 'remark')}: .warnings")
    return "\n  ".join(lines)


def result_html(result: Result) -> str:
    """Study and feeder, all metrics as a table, and the remarks; for notebooks."""
    rows = [
        f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(format_number(value))}</td></tr>"
        for name, value in result.metrics.items()
    ]
    remarks = [f"<li>{escape(remark)}</li>" for remark in result.warnings]
    listed = ""
    if remarks:
        listed = f"<ul>{''.join(remarks)}</ul>"
    return (
        f"<p><b>{escape(_title(result))}</b></p><table>{''.join(rows)}</table>{listed}"
    )


def _title(result: Result) -> str:
    return f"Result of study '{result.study}', feeder '{result.feeder.name}', {result.wall_s:.1f} s"
