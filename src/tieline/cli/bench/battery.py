"""`tieline bench battery`: time of a day's coordination of batteries, and the goals of the study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tieline.cli.bench.words import names_of, number, shown
from tieline.files import require_writable, write_file


def battery(
    *feeders: Annotated[
        str, Parameter(help="Feeders, bundled names or paths; two bundled ones if none is given.")
    ],
    step_minutes: Annotated[int, number("Length of a step [min].", 1, 60)] = 15,
    page: Annotated[
        Path | None,
        Parameter(help="Markdown page to write; plays the published case and others too."),
    ] = None,
) -> None:
    """Time of a day's cooperative battery control, and where it goes; with --page also what comes of it."""
    import sys

    from rich.table import Table

    from tieline.bench.battery import page as battery_page
    from tieline.bench.battery.measure import DEFAULT_FEEDERS, measure
    from tieline.cli.screen import screen

    def tell(what: str) -> None:
        print(f"measuring {what}", file=sys.stderr)

    if page is not None:
        require_writable(page, "--page")
    rows = measure(feeders or DEFAULT_FEEDERS, step_minutes, tell)
    table = Table(title="A day of battery control", title_justify="left")
    for heading in battery_page.TIME_HEADINGS:
        table.add_column(heading, justify="left" if heading == "feeder" else "right")
    for row in rows:
        table.add_row(*battery_page.time_cells(row))
    screen().print(table)
    if page is not None:
        from tieline.bench.battery.cases import run

        words = [
            "tieline bench battery",
            *names_of(feeders),
            *([f"--step-minutes {step_minutes}"] if step_minutes != 15 else []),
        ]
        command = " ".join([*words, f"--page {shown(page)}"])
        write_file(page, battery_page.page(rows, run(tell), command))
