"""`tieline bench opf`: optimal power flow beside other programs, and sensitivities beside differences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tieline.cli.bench.words import names_of, number, require_places, shown
from tieline.files import write_file

if TYPE_CHECKING:
    from tieline.bench.opf.measure import Measurement

DEFAULT_FEEDERS = ("ieee33", "case141", "ieee123:30")
DEFAULT_GENERATORS = 10


def opf(
    *feeders: Annotated[
        str,
        Parameter(
            help="Feeders, bundled names or paths, each with `:N` behind it for N generators instead of "
            f"{DEFAULT_GENERATORS}; a set of bundled ones if none is given."
        ),
    ],
    seed: Annotated[int, number("Seed of the generators' buses and of the change of load.", 0)] = 0,
    out: Annotated[Path | None, Parameter(help="JSON file to write.")] = None,
    page: Annotated[Path | None, Parameter(help="Markdown page to write.")] = None,
) -> None:
    """Solve times and objectives of LP, SOCP and NLP beside pandapower and DistOPF; sensitivities per second."""
    import json
    import sys

    from tieline.bench.opf.measure import run
    from tieline.bench.opf.page import page as page_of
    from tieline.feeders import load_feeder

    require_places(out=out, page=page)
    asked = [_with_count(text) for text in feeders or DEFAULT_FEEDERS]
    found = [(load_feeder(name), count) for name, count in asked]
    measurement = run(
        found,
        seed,
        _command(feeders, seed, page),
        lambda name: print(f"measuring {name}", file=sys.stderr),
    )
    _show(measurement)
    if out is not None:
        write_file(out, json.dumps(measurement.to_json(), indent=2) + "\n")
    if page is not None:
        write_file(page, page_of(measurement))


def _with_count(text: str) -> tuple[str, int]:
    """ "name:30" as ("name", 30); without a number behind the last colon the whole is a name."""
    name, _, count = text.rpartition(":")
    return (name, int(count)) if name and count.isdecimal() else (text, DEFAULT_GENERATORS)


def _command(feeders: Sequence[str], seed: int, page: Path | None) -> str:
    """What a reader types to do the same."""
    words = ["tieline bench opf", *names_of(feeders)]
    words += [] if seed == 0 else [f"--seed {seed}"]
    words += [] if page is None else [f"--page {shown(page)}"]
    return " ".join(words)


def _show(measurement: Measurement) -> None:
    from rich.table import Table

    from tieline.cli.screen import screen

    console = screen()
    table = Table(title=f"Optimal power flow ({measurement.machine})", title_justify="left")
    for heading in (
        "feeder",
        "program",
        "cold [ms]",
        "warm [ms]",
        "cost on AC",
        "limit missed by [pu]",
    ):
        table.add_column(heading, justify="left" if heading in ("feeder", "program") else "right")
    for case in measurement.cases:
        for speed in case.speeds:
            warm = "" if speed.warm_s is None else f"{1e3 * speed.warm_s:,.1f}"
            numbers = (
                f"{1e3 * speed.cold_s:,.1f}",
                warm,
                f"{speed.cost_on_ac:,.3f}",
                f"{speed.missed:.1e}",
            )
            table.add_row(case.feeder, speed.program, *numbers)
    console.print(table)
    for case in measurement.cases:
        for reason in case.left_out.values():
            console.print(f"left out of {case.feeder}: {reason}")
