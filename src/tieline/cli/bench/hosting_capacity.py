"""`tieline bench hosting-capacity`: wall time of whole studies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tieline.cli.bench.words import number


def hosting_capacity(
    *,
    ieee8500: Annotated[
        Path | None,
        Parameter(help="Master file of the IEEE 8500-node feeder; left out if not given."),
    ] = None,
    coverage: Annotated[
        int, number("Seeds of the check of the 95 % interval; left out if 0.", 0)
    ] = 0,
    draws: Annotated[int, number("Deployments of each seed.", 1)] = 100,
    long_draws: Annotated[
        int, number("Deployments of the run that stands for the truth.", 1)
    ] = 100_000,
) -> None:
    """Wall time of whole hosting-capacity studies, and how often their 95 % interval holds."""
    import sys

    from rich.table import Table

    from tieline.bench import hosting_capacity as bench
    from tieline.cli.screen import screen
    from tieline.machine import describe_machine

    console = screen()
    table = Table(title=f"Hosting capacity ({describe_machine()})", title_justify="left")
    for heading in ("case", "power flows", "wall time [s]", "power flows/s"):
        table.add_column(heading, justify="left" if heading == "case" else "right")
    for row in bench.measure(ieee8500, lambda case: print(f"measuring {case}", file=sys.stderr)):
        table.add_row(
            row.case, f"{row.n_power_flows:,}", f"{row.wall_s:.1f}", f"{row.power_flows_per_s:,.0f}"
        )
    console.print(table)
    if coverage:
        for level in bench.coverage(coverage, draws, long_draws):
            console.print(
                f"{level.level_pct:g} %: probability {level.probability:.4f}, held by {level.share:.1%} of {level.seeds} "
                "intervals"
            )
