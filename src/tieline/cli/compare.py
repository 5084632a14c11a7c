"""`tieline compare RUN RUN ...`: what differs between runs of a study, on the screen and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tieline.errors import InputError, reason_of

if TYPE_CHECKING:
    from tieline.reports.html import Report, Section
    from tieline.studies.comparison.runs import Runs

RUNS_HELP = "Run folders that `tieline run` wrote, two or more; others are compared with the first."
METRICS_HELP = "Print all metrics that differ, and not the first ten."
JSON_HELP = "Print what differs as JSON and nothing else."
OUT_HELP = "HTML page to write; must not exist."


def compare(
    *folders: Annotated[Path, Parameter(help=RUNS_HELP)],
    out: Annotated[Path | None, Parameter(help=OUT_HELP)] = None,
    metrics: Annotated[bool, Parameter(help=METRICS_HELP, negative="")] = False,
    json: Annotated[bool, Parameter(help=JSON_HELP, negative="")] = False,
    open: Annotated[
        bool, Parameter(help="Show the page in the browser.", negative="")
    ] = False,
) -> None:
    """Hold runs of one study beside each other: question, answer, limits and feeder, as far as they differ."""
    from tieline.cli.working import working
    from tieline.studies.comparison.report import comparison, write_comparison
    from tieline.studies.comparison.runs import read_runs

    if out is not None and out.exists():
        raise InputError(f"'{out}' exists. Choose another name or remove it.")
    with working("comparing runs"):
        runs = read_runs(folders)
    if json:
        _print_content(runs)
    else:
        _print_report(comparison(runs), metrics)
    if out is not None:
        _write(out, lambda path: write_comparison(path, runs), is_told=not json)
    if open:
        from tieline.reports.browser import open_page

        open_page("comparison", lambda path: write_comparison(path, runs))


def _print_content(runs: Runs) -> None:
    from json import dumps

    from tieline.studies.comparison.content import comparison_content

    print(dumps(comparison_content(runs), indent=2))


def _print_report(report: Report, with_metrics: bool) -> None:
    """The headline and every section."""
    from tieline.cli.answer import print_pairs
    from tieline.cli.screen import screen

    console = screen()
    console.print(report.headline.title, style="bold")
    console.print()
    print_pairs(console, report.headline.tiles)
    console.print()
    for section in report.sections:
        console.print(section.title, style="bold")
        _print_section(console, section, with_metrics)
        console.print()


def _print_section(console: Any, section: Section, with_metrics: bool) -> None:
    from tieline.cli.table import MOST_ROWS, print_table
    from tieline.reports.html import Table, Text

    for block in section.blocks:
        if isinstance(block, Table):
            most_rows = len(block.frame) if with_metrics else MOST_ROWS
            print_table(console, block, most_rows)
        elif isinstance(block, Text):
            console.print(block.text)


def _write(path: Path, write: Any, is_told: bool) -> None:
    from tieline.cli.working import working

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with working("writing the page"):
            write(path)
    except OSError as error:
        raise InputError(
            f"'{path}' cannot be written ({reason_of(error)}). Choose another with --out."
        ) from None
    if is_told:
        print(f"written: {path}")
