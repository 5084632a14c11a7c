"""`tieline bench envs`: steps per second of the environments beside a peer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tieline.cli.bench.words import require_places, shown
from tieline.files import write_file

if TYPE_CHECKING:
    from tieline.bench.envs.measure import EnvironmentSpeeds


def envs(
    *,
    out: Annotated[Path | None, Parameter(help="JSON file to write.")] = None,
    page: Annotated[Path | None, Parameter(help="Markdown page to write.")] = None,
) -> None:
    """Steps per second of the environments, beside gym-anm on the same voltage-control problem."""
    import json
    import sys

    from tieline.bench.envs.measure import PACKAGES, run
    from tieline.bench.envs.page import page as page_of
    from tieline.bench.powerflow import peaks as machine

    require_places(out=out, page=page)
    found = run(report=lambda what: print(f"measuring {what}", file=sys.stderr))
    where, versions = machine.describe(), machine.versions(PACKAGES)
    _show_steps(found, where)
    if out is not None:
        content = {"machine": where, "versions": versions, **found.to_json()}
        write_file(out, json.dumps(content, indent=2) + "\n")
    if page is not None:
        write_file(
            page, page_of(found, where, versions, f"tieline bench envs --page {shown(page)}")
        )


def _show_steps(found: EnvironmentSpeeds, where: str) -> None:
    from rich.table import Table

    from tieline.cli.screen import screen

    console = screen()
    table = Table(title=f"Steps per second ({where})", title_justify="left")
    for heading in ("task", "program", "episodes side by side", "steps/s", "times the peer's"):
        table.add_column(heading, justify="left" if heading in ("task", "program") else "right")
    for speed in found.speeds:
        times = "" if speed.times_of_peer is None else f"{speed.times_of_peer:,.1f}"
        table.add_row(
            speed.task, speed.program, f"{speed.batch:,}", f"{speed.steps_per_s:,.0f}", times
        )
    console.print(table)
    for name, why in found.left_out.items():
        console.print(f"left out: {name} {why}")
