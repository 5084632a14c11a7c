"""`tieline bench powerflow`: speed beside other programs, measured in one run on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

app = App(name="bench", help="Measure speed beside other programs.")


@app.command(name="powerflow")
def powerflow(
    *feeders: Annotated[str, Parameter(help="Feeders, bundled names or paths; a set of bundled ones if none is given.")],
    seed: Annotated[int, Parameter(help="Seed of the random loads.")] = 0,
    out: Annotated[Path | None, Parameter(help="JSON file to write.")] = None,
) -> None:
    """Power flows per second of tieline, power-grid-model, lightsim2grid, pandapower and OpenDSS on the same random loads."""
    import json
    import sys

    from rich.console import Console
    from rich.table import Table

    from tieline.bench.powerflow import DEFAULT_FEEDERS, as_json, run
    from tieline.errors import InputError
    from tieline.studies.result import describe_machine

    if out is not None and not out.absolute().parent.is_dir():
        raise InputError(f"'{out}' cannot be written: its folder does not exist. Choose another with --out.")
    rows = run(feeders or DEFAULT_FEEDERS, seed, lambda case: print(f"measuring {case}", file=sys.stderr))
    console = Console()
    table = Table(title=f"Power flows per second ({describe_machine()})", title_justify="left")
    for heading in ("case", "program", "solves/s", "tieline is faster by", "largest difference [pu]"):
        table.add_column(heading, justify="left" if heading in ("case", "program") else "right")
    for row in rows:
        if row.solves_per_s is not None:
            numbers = (f"{row.solves_per_s:,.0f}", f"{row.tieline_is_faster:.1f}", f"{row.largest_difference_pu:.1e}")
            table.add_row(row.case, row.program, *numbers)
    console.print(table)
    for row in rows:
        if row.note:
            console.print(f"left out of {row.case}: {row.note}", markup=False, highlight=False)
    if out is not None:
        out.write_text(json.dumps({"machine": describe_machine(), "seed": seed, "rows": as_json(rows)}, indent=2) + "\n")


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
