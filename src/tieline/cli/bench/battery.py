"""`tieline bench battery`: time of a day's coordination of batteries."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter


def battery(
    *feeders: Annotated[str, Parameter(help="Feeders, bundled names or paths; two bundled ones if none is given.")],
    step_minutes: Annotated[int, Parameter(help="Length of a step [min].")] = 15,
) -> None:
    """Time of a day's cooperative battery control, and where it goes."""
    import sys
    from dataclasses import astuple

    from rich.console import Console
    from rich.table import Table

    from tieline.bench.battery import DEFAULT_FEEDERS, measure

    headings = "feeder", "batteries", "steps", "critical", "lenders", "setup", "AC", "rank", "plan", "recede"
    table = Table(title="A day of battery control, times in seconds", title_justify="left")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "feeder" else "right")
    for row in measure(feeders or DEFAULT_FEEDERS, step_minutes, lambda name: print(f"measuring {name}", file=sys.stderr)):
        name, *numbers = astuple(row)
        table.add_row(name, *(f"{number:.2f}" if isinstance(number, float) else f"{number:,}" for number in numbers))
    Console().print(table)
