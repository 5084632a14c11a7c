"""`tieline bench WHAT`: speed beside other programs, errors, and goals of learning, measured and never tested."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from tieline.cli.bench_opf import opf
from tieline.cli.bench_words import check_file as _check_file
from tieline.cli.bench_words import names as _names
from tieline.cli.bench_words import shown as _shown

if TYPE_CHECKING:
    from tieline.bench.linear import Row
    from tieline.bench.measurement import Measurement

app = App(name="bench", help="Measure speed beside other programs, and the error of linear models.")
app.command(opf, name="opf")


@app.command(name="powerflow")
def powerflow(
    *feeders: Annotated[str, Parameter(help="Feeders, bundled names or paths; a set of bundled ones if none is given.")],
    seed: Annotated[int, Parameter(help="Seed of the random loads.")] = 0,
    cold_start: Annotated[bool, Parameter(help="Also time fresh processes, one of which compiles everything.")] = True,
    out: Annotated[Path | None, Parameter(help="JSON file to write.")] = None,
    page: Annotated[Path | None, Parameter(help="Markdown page to write, with a figure beside it.")] = None,
) -> None:
    """Power flows per second of tieline, power-grid-model, lightsim2grid, pandapower and OpenDSS on the same random loads."""
    import json
    import sys

    from tieline.bench.powerflow import DEFAULT_FEEDERS, run
    from tieline.feeders import load_feeder

    for flag, path in (("--out", out), ("--page", page)):
        _check_file(flag, path)
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
        out.write_text(json.dumps(measurement.to_json(), indent=2) + "\n", encoding="utf-8")
    if page is not None:
        _write_page(measurement, page)


@app.command(name="linear")
def linear(
    *feeders: Annotated[str, Parameter(help="Feeders, bundled names or paths; a set of bundled ones if none is given.")],
    seed: Annotated[int, Parameter(help="Seed of the random loads and sun.")] = 0,
    scenarios: Annotated[int, Parameter(help="Scenarios per feeder.")] = 200,
    out: Annotated[Path | None, Parameter(help="JSON file to write.")] = None,
    page: Annotated[Path | None, Parameter(help="Markdown page to write.")] = None,
) -> None:
    """Error of the linear models (LPF, LinDistFlow, DC) against the AC power flow over a range of load and PV."""
    import json
    import sys

    from tieline.bench.linear import DEFAULT_FEEDERS, as_json, run
    from tieline.bench.linear_page import page as page_of
    from tieline.feeders import load_feeder

    for flag, path in (("--out", out), ("--page", page)):
        _check_file(flag, path)
    found = [load_feeder(name) for name in feeders or DEFAULT_FEEDERS]
    rows = run(found, seed, scenarios, lambda name: print(f"measuring {name}", file=sys.stderr))
    _show_errors(rows)
    if out is not None:
        out.write_text(
            json.dumps({"seed": seed, "scenarios": scenarios, "rows": as_json(rows)}, indent=2) + "\n", encoding="utf-8"
        )
    if page is not None:
        flags = {"--seed": (seed, 0), "--scenarios": (scenarios, 200)}
        changed = [f"{flag} {value}" for flag, (value, default) in flags.items() if value != default]
        command = " ".join(["tieline bench linear", *_names(feeders), *changed, f"--page {_shown(page)}"])
        page.write_text(page_of(rows, scenarios, command), encoding="utf-8")


def _show_errors(rows: Sequence[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title="Largest error against AC", title_justify="left")
    for heading in ("feeder", "model", "voltage [pu]", "flow [kW]", "loss [kW]"):
        table.add_column(heading, justify="left" if heading in ("feeder", "model") else "right")
    for row in rows:
        if row.error is not None:
            numbers = f"{row.error.max_voltage_pu:.4f}", f"{row.error.max_flow_kw:,.1f}", f"{row.error.max_loss_kw:,.1f}"
            table.add_row(row.feeder, row.model, *numbers)
    console.print(table)
    for row in rows:
        if row.error is None:
            console.print(f"left out: {row.left_out}", markup=False, highlight=False)


def _command(feeders: Sequence[str], seed: int, cold_start: bool, page: Path | None) -> str:
    """What a reader types to do the same; of a feeder's path only the end, which says what it is."""
    words = ["tieline bench powerflow", *_names(feeders)]
    words += [] if seed == 0 else [f"--seed {seed}"]
    words += [] if cold_start else ["--no-cold-start"]
    words += [] if page is None else [f"--page {_shown(page)}"]
    return " ".join(words)


def _show(measurement: Measurement) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=f"Power flows per second ({measurement.machine})", title_justify="left")
    for heading in ("case", "program", "solves/s", "tieline is faster by", "largest difference [pu]"):
        table.add_column(heading, justify="left" if heading in ("case", "program") else "right")
    for case in measurement.cases:
        for speed in case.speeds:
            numbers = (f"{speed.solves_per_s:,.0f}", f"{speed.tieline_is_faster:.1f}", f"{speed.largest_difference_pu:.1e}")
            table.add_row(case.name, speed.program, *numbers)
    console.print(table)
    for case in measurement.cases:
        for reason in dict.fromkeys(case.left_out.values()):
            console.print(f"left out of {case.name}: {reason}", markup=False, highlight=False)


def _write_page(measurement: Measurement, path: Path) -> None:
    from tieline.bench.page import page
    from tieline.bench.roofline import roofline_svg

    figure = path.with_name(f"{path.stem}-roofline.svg")
    figure.write_text(roofline_svg(measurement.cases), encoding="utf-8")
    path.write_text(page(measurement, figure.name), encoding="utf-8")


@app.command(name="hosting-capacity")
def hosting_capacity(
    *,
    ieee8500: Annotated[Path | None, Parameter(help="Master file of the IEEE 8500-node feeder; left out if not given.")] = None,
    coverage: Annotated[int, Parameter(help="Seeds of the check of the 95 % interval; left out if 0.")] = 0,
    draws: Annotated[int, Parameter(help="Deployments of each seed.")] = 100,
    long_draws: Annotated[int, Parameter(help="Deployments of the run that stands for the truth.")] = 100_000,
) -> None:
    """Wall time of whole hosting-capacity studies, and how often their 95 % interval holds."""
    import sys

    from rich.console import Console
    from rich.table import Table

    from tieline.bench import hosting_capacity as bench
    from tieline.studies.result import describe_machine

    console = Console()
    table = Table(title=f"Hosting capacity ({describe_machine()})", title_justify="left")
    for heading in ("case", "power flows", "wall time [s]", "power flows/s"):
        table.add_column(heading, justify="left" if heading == "case" else "right")
    for row in bench.measure(ieee8500, lambda case: print(f"measuring {case}", file=sys.stderr)):
        table.add_row(row.case, f"{row.n_power_flows:,}", f"{row.wall_s:.1f}", f"{row.power_flows_per_s:,.0f}")
    console.print(table)
    if coverage:
        for level in bench.coverage(coverage, draws, long_draws):
            console.print(
                f"{level.level_pct:g} %: probability {level.probability:.4f}, held by {level.share:.1%} of {level.seeds} "
                "intervals"
            )
