"""`tieline bench powerflow | hosting-capacity | linear | tree-search | battery`: speed and errors, measured and never tested."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from tieline.bench.linear import Row
    from tieline.bench.measurement import Measurement

app = App(name="bench", help="Measure speed beside other programs, and the error of linear models.")


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


def _check_file(flag: str, path: Path | None) -> None:
    """Refuse, before anything is measured, a file that cannot be written."""
    from tieline.errors import InputError

    if path is None:
        return
    if path.is_dir():
        raise InputError(f"'{path}' is a folder. Give a file with {flag}.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"'{path}' cannot be written: its folder does not exist. Choose another with {flag}.")


def _command(feeders: Sequence[str], seed: int, cold_start: bool, page: Path | None) -> str:
    """What a reader types to do the same; of a feeder's path only the end, which says what it is."""
    words = ["tieline bench powerflow", *_names(feeders)]
    words += [] if seed == 0 else [f"--seed {seed}"]
    words += [] if cold_start else ["--no-cold-start"]
    words += [] if page is None else [f"--page {_shown(page)}"]
    return " ".join(words)


def _names(feeders: Sequence[str]) -> list[str]:
    """Feeders as given, of a path only the end."""
    return [f"path/to/{'/'.join(Path(name).parts[-2:])}" if len(Path(name).parts) > 1 else name for name in feeders]


def _shown(page: Path) -> str:
    """The page's file as given; of one with a machine's folders only its name."""
    return page.name if page.is_absolute() else page.as_posix()


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


@app.command(name="tree-search")
def tree_search(
    *feeders: Annotated[str, Parameter(help="Feeders, bundled names or paths; three bundled ones if none is given.")],
    episodes: Annotated[int, Parameter(help="Episodes of a search.")] = 600,
    seeds: Annotated[int, Parameter(help="Searches per feeder.")] = 20,
) -> None:
    """Tree search for assisting buses: episodes per second, candidates looked at, agreement with the exhaustive ranking."""
    from dataclasses import astuple

    from rich.console import Console
    from rich.table import Table

    from tieline.bench.tree_search import DEFAULT_FEEDERS, measure
    from tieline.errors import InputError
    from tieline.feeders import load_feeder

    if episodes < 1 or seeds < 1:
        raise InputError(f"--episodes ({episodes}) and --seeds ({seeds}) must be at least 1.")
    table = Table(title="Tree search, worst of all seeds", title_justify="left")
    for heading in ("feeder", "candidates", "depth", "episodes", "episodes/s", "looked at", "last change", "tau of first 20"):
        table.add_column(heading, justify="left" if heading == "feeder" else "right")
    for row in measure([load_feeder(name) for name in feeders or DEFAULT_FEEDERS], [episodes], seeds):
        name, *numbers = astuple(row)
        table.add_row(name, *(f"{number:,.3g}" if isinstance(number, float) else f"{number:,}" for number in numbers))
    Console().print(table)


@app.command(name="battery")
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

    headings = (
        "feeder",
        "batteries",
        "steps",
        "critical",
        "lenders",
        "setup",
        "AC",
        "rank",
        "plan",
        "recede",
    )
    table = Table(title="A day of battery control, times in seconds", title_justify="left")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "feeder" else "right")
    for row in measure(feeders or DEFAULT_FEEDERS, step_minutes, lambda name: print(f"measuring {name}", file=sys.stderr)):
        name, *numbers = astuple(row)
        table.add_row(name, *(f"{number:.2f}" if isinstance(number, float) else f"{number:,}" for number in numbers))
    Console().print(table)
