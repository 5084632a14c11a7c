"""What the screen and the docs page say of years in tieline and OpenDSS. Every number comes from the measurement."""

from __future__ import annotations

from tieline.bench.kit.goals import Goal, at_most, goals_table
from tieline.bench.kit.markdown import Page, Section, Summary, Table
from tieline.bench.time_series.measure import Years

MOST_S = 20.0
"""Of a year of hours of a feeder."""

MOST_ERROR = 1e-4
"""Of energies, 0.01 %."""


def summary(years: Years) -> Summary:
    """All feeders."""
    rows = [
        (
            row.feeder,
            f"{row.study_s:.2f}",
            f"{row.engine_s:.2f}",
            f"{row.import_error:.0e}",
            f"{row.other_positions:,}",
        )
        for row in years.rows
    ]
    headings = ("feeder", "tieline [s]", "OpenDSS [s]", "energy", "other taps [h]")
    title = f"{years.days} days of hours beside OpenDSS"
    return Summary([(title, Table(headings, rows, "lrrrr"))])


def page(years: Years) -> Page:
    """The page of a measurement."""
    intro = (
        f"{years.days} days in steps of an hour, every load by one of some drawn shapes, regulators and capacitors acting.\n"
        "The feeder is written as an OpenDSS script; tieline (`tieline run time-series`) and OpenDSS (`mode=yearly`,\n"
        "`controlmode=static`, one `Solve` an hour) read the same file. Times are those of the processor, of tieline with\n"
        "its tables, of OpenDSS with the questions for taps, banks and power after each hour.\n"
        "[What the study does](../time-series.md)."
    )
    sections = [
        Section("Goals", [goals_table(_goals(years))]),
        Section("By feeder", [_table(years), _text()]),
    ]
    return Page(intro, sections)


def _goals(years: Years) -> list[Goal]:
    energies = [abs(row.import_error) for row in years.rows]
    losses = [abs(row.loss_error) for row in years.rows]
    return [
        at_most("slowest feeder [s]", max(row.study_s for row in years.rows), MOST_S),
        at_most("largest error of the energy at the source", max(energies), MOST_ERROR),
        at_most("largest error of the losses", max(losses), MOST_ERROR),
        at_most(
            "hours that end with another tap or bank",
            sum(row.other_positions for row in years.rows),
            0,
        ),
        at_most("hours without an answer", sum(row.unsolved for row in years.rows), 0),
    ]


def _table(years: Years) -> Table:
    headings = (
        "feeder",
        "nodes",
        "hours",
        "tieline [s]",
        "OpenDSS [s]",
        "energy differs by",
        "loss differs by",
        "hours with other taps",
        "taps moved",
        "banks switched",
    )
    rows = [
        (
            row.feeder,
            f"{row.nodes:,}",
            f"{row.steps:,}",
            f"{row.study_s:.2f}",
            f"{row.engine_s:.2f}",
            f"{row.import_error:.1e}",
            f"{row.loss_error:.1e}",
            f"{row.other_positions:,}",
            f"{row.movements:,}",
            f"{row.switchings:,}",
        )
        for row in years.rows
    ]
    return Table(headings, rows, "l" + "r" * 9)


def _text() -> str:
    return (
        "Differences are those of tieline to OpenDSS, as shares. Each hour begins with the taps at which the last one\n"
        "ended: one tap that differed would be carried on, and would show."
    )
