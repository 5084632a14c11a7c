"""`tieline bench powerflow`: power flows per second beside other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tieline.cli.bench.words import names_of, number, require_places, shown
from tieline.errors import InputError
from tieline.files import require_writable, write_file

if TYPE_CHECKING:
    from tieline.bench.powerflow.measurement import Measurement


def powerflow(
    *feeders: Annotated[
        str,
        Parameter(help="Feeders, bundled names or paths; a set of bundled ones if none is given."),
    ],
    seed: Annotated[int, number("Seed of the random loads.", 0)] = 0,
    cold_start: Annotated[
        bool, Parameter(help="Also time fresh processes, one of which compiles everything.")
    ] = True,
    out: Annotated[Path | None, Parameter(help="JSON file to write.")] = None,
    page: Annotated[
        Path | None, Parameter(help="Markdown page to write, with a figure beside it.")
    ] = None,
) -> None:
    """Power flows per second of tieline, power-grid-model, lightsim2grid, pandapower and OpenDSS on the same random loads."""
    import json
    import sys

    from tieline.bench.powerflow.measure import DEFAULT_FEEDERS, run
    from tieline.feeders import load_feeder

    require_places(out=out, page=page)
    if page is not None:
        _require_room(_figure_of(page), page)
    names = feeders or DEFAULT_FEEDERS
    measurement = run(
        [load_feeder(name) for name in names],
        seed,
        _command(names, seed, cold_start, page),
        with_cold_start=cold_start,
        report=lambda what: print(f"measuring {what}", file=sys.stderr),
    )
    _show(measurement)
    if out is not None:
        write_file(out, json.dumps(measurement.to_json(), indent=2) + "\n")
    if page is not None:
        _write_page(measurement, page)


def _command(feeders: Sequence[str], seed: int, cold_start: bool, page: Path | None) -> str:
    """What a reader types to do the same; of a feeder's path only the end, which says what it is."""
    words = ["tieline bench powerflow", *names_of(feeders)]
    words += [] if seed == 0 else [f"--seed {seed}"]
    words += [] if cold_start else ["--no-cold-start"]
    words += [] if page is None else [f"--page {shown(page)}"]
    return " ".join(words)


def _show(measurement: Measurement) -> None:
    from rich.table import Table

    from tieline.cli.screen import screen

    console = screen()
    table = Table(title=f"Power flows per second ({measurement.machine})", title_justify="left")
    for heading in (
        "case",
        "program",
        "solves/s",
        "tieline is faster by",
        "largest difference [pu]",
    ):
        table.add_column(heading, justify="left" if heading in ("case", "program") else "right")
    for case in measurement.cases:
        for speed in case.speeds:
            numbers = (
                f"{speed.solves_per_s:,.0f}",
                f"{speed.tieline_is_faster:.1f}",
                f"{speed.largest_difference_pu:.1e}",
            )
            table.add_row(case.name, speed.program, *numbers)
    console.print(table)
    for case in measurement.cases:
        for reason in dict.fromkeys(case.left_out.values()):
            console.print(f"left out of {case.name}: {reason}")


def _figure_of(page: Path) -> Path:
    """The figure beside a page."""
    return page.with_name(f"{page.stem}-roofline.svg")


def _require_room(figure: Path, page: Path) -> None:
    """Refuse to overwrite a file that nobody named, unless the page that it belongs to is there."""
    require_writable(figure, "--page")
    if figure.exists() and not page.exists():
        raise InputError(
            f"'{figure}' exists, where the figure of the page would go. Choose another place with --page."
        )


def _write_page(measurement: Measurement, path: Path) -> None:
    from tieline.bench.powerflow.page import page
    from tieline.bench.powerflow.roofline import roofline_svg

    figure = _figure_of(path)
    write_file(figure, roofline_svg(measurement.cases))
    write_file(path, page(measurement, figure.name))
