"""`tieline solve FEEDER`: one power flow, printed as a summary or as tables, or written as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    from tieline.powerflow import Solution

FEEDER_HELP = "Bundled name, or path of an OpenDSS (.dss), MATPOWER (.m), pandapower (.json) file or a tieline folder."


def solve_feeder(
    feeder: Annotated[str, Parameter(help=FEEDER_HELP)],
    *,
    controls: Annotated[Literal["feeder", "off"], Parameter(help="Let regulators and capacitors act, or hold them.")] = "feeder",
    load_model: Annotated[
        Literal["zip", "opendss-band"],
        Parameter(help="Loads outside their voltage band: stay ZIP, or turn to impedances as in OpenDSS."),
    ] = "zip",
    load_pct: Annotated[float, Parameter(help="Load [% of nominal].")] = 100.0,
    out: Annotated[Path | None, Parameter(help="Folder for nodes.csv, branches.csv, taps.csv.")] = None,
) -> None:
    """Solve the AC power flow of a feeder and print voltages, losses and taps."""
    import math

    from tieline.errors import InputError
    from tieline.feeders import load_feeder
    from tieline.network import Network
    from tieline.powerflow import solve

    if not math.isfinite(load_pct) or load_pct < 0:
        raise InputError(f"--load-pct must be a finite number of at least 0; got {load_pct:g}.")
    network = Network.from_feeder(load_feeder(feeder))
    solution = solve(network, load_scale=load_pct / 100, controls=controls, load_model=load_model)
    if out is not None:
        _write_tables(solution, out)
    _print_summary(solution)


def _write_tables(solution: Solution, out: Path) -> None:
    from tieline.errors import InputError

    try:
        out.mkdir(parents=True, exist_ok=True)
        solution.node_table().to_csv(out / "nodes.csv", index=False)
        solution.branch_table().to_csv(out / "branches.csv", index=False)
        solution.tap_table().to_csv(out / "taps.csv", index=False)
    except OSError as error:
        raise InputError(f"Folder '{out}' cannot be written ({error.strerror}). Choose another with --out.") from None


def _print_summary(solution: Solution) -> None:
    from rich.console import Console
    from rich.table import Table

    from tieline.network.voltage_points import voltage_points

    network = solution.network
    points = voltage_points(network)
    v = points.magnitude_pu(solution.v_pu)[0]
    live = v > 0
    low, high = (int(pick(v[live])) for pick in (_argmin, _argmax))
    names = [name for name, is_live in zip(points.names, live, strict=True) if is_live]
    source = solution.source_kva[0]
    table = Table(title=f"Power flow of {network.feeder.name}", title_justify="left", show_header=False)
    table.add_column("quantity")
    table.add_column("value", justify="right")
    table.add_row("source", f"{source.real:.3f} kW  {source.imag:.3f} kvar")
    table.add_row("load", f"{solution.load_kva[0].sum().real:.3f} kW  {solution.load_kva[0].sum().imag:.3f} kvar")
    table.add_row("losses", f"{solution.loss_kw[0]:.4f} kW  {solution.loss_kvar[0]:.4f} kvar")
    table.add_row("lowest voltage", f"{v[live][low]:.5f} pu at {names[low]}")
    table.add_row("highest voltage", f"{v[live][high]:.5f} pu at {names[high]}")
    if not live.all():
        table.add_row("without supply", f"{int((~live).sum())} of {len(v)} voltage points")
    for regulator, tap in zip(network.feeder.regulators, solution.taps[0], strict=True):
        table.add_row(f"tap of {regulator.name}", f"{tap:+d}")
    table.add_row("iterations", str(int(solution.iterations[0])))
    console = Console()
    console.print(table)
    for note in network.feeder.notes:
        console.print(f"note: {note}", markup=False, highlight=False)


def _argmin(values) -> int:
    return values.argmin()


def _argmax(values) -> int:
    return values.argmax()
