"""`tieline bench linear`: errors of the linear models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tieline.cli.bench.words import names_of, number, require_places, shown
from tieline.files import write_file

if TYPE_CHECKING:
    from tieline.bench.linear.measure import Row


def linear(
    *feeders: Annotated[
        str,
        Parameter(help="Feeders, bundled names or paths; a set of bundled ones if none is given."),
    ],
    seed: Annotated[int, number("Seed of the random loads and sun.", 0)] = 0,
    scenarios: Annotated[int, number("Scenarios per feeder.", 1)] = 200,
    out: Annotated[Path | None, Parameter(help="JSON file to write.")] = None,
    page: Annotated[Path | None, Parameter(help="Markdown page to write.")] = None,
) -> None:
    """Error of the linear models (LPF, LinDistFlow, DC) against the AC power flow over a range of load and PV."""
    import json
    import sys

    from tieline.bench.linear.measure import DEFAULT_FEEDERS, as_json, run
    from tieline.bench.linear.page import page as page_of
    from tieline.feeders import load_feeder

    require_places(out=out, page=page)
    found = [load_feeder(name) for name in feeders or DEFAULT_FEEDERS]
    rows = run(found, seed, scenarios, lambda name: print(f"measuring {name}", file=sys.stderr))
    _show_errors(rows)
    if out is not None:
        write_file(
            out,
            json.dumps({"seed": seed, "scenarios": scenarios, "rows": as_json(rows)}, indent=2)
            + "\n",
        )
    if page is not None:
        flags = {"--seed": (seed, 0), "--scenarios": (scenarios, 200)}
        changed = [
            f"{flag} {value}" for flag, (value, default) in flags.items() if value != default
        ]
        command = " ".join(
            ["tieline bench linear", *names_of(feeders), *changed, f"--page {shown(page)}"]
        )
        write_file(page, page_of(rows, scenarios, command))


def _show_errors(rows: Sequence[Row]) -> None:
    from rich.table import Table

    from tieline.cli.screen import screen

    console = screen()
    table = Table(title="Largest error against AC", title_justify="left")
    for heading in ("feeder", "model", "voltage [pu]", "flow [kW]", "loss [kW]"):
        table.add_column(heading, justify="left" if heading in ("feeder", "model") else "right")
    for row in rows:
        if row.error is not None:
            numbers = (
                f"{row.error.max_voltage_pu:.4f}",
                f"{row.error.max_flow_kw:,.1f}",
                f"{row.error.max_loss_kw:,.1f}",
            )
            table.add_row(row.feeder, row.model, *numbers)
    console.print(table)
    for row in rows:
        if row.error is None:
            console.print(f"left out: {row.left_out}")
