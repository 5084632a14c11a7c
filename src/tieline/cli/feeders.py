"""`tieline feeders`: the bundled feeders, what is in one, whether a file can be used, and conversion to tieline's tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

app = App(name="feeders", help="List, inspect and convert feeders.")

FEEDER_HELP = "Bundled name, or path of an OpenDSS (.dss), MATPOWER (.m), pandapower (.json) file or a tieline folder."


@app.default
def list_feeders() -> None:
    """List the bundled feeders."""
    from rich.table import Table

    from tieline.cli.screen import screen
    from tieline.feeders import describe_library

    table = Table(title="Bundled feeders", title_justify="left")
    for column in ("name", "also", "what it is"):
        table.add_column(column)
    for entry in describe_library():
        table.add_row(entry.name, ", ".join(entry.aliases), entry.title)
    screen().print(table)


@app.command(name="show")
def show(feeder: Annotated[str, Parameter(help=FEEDER_HELP)]) -> None:
    """Check a feeder and print what it consists of, with every note of the reader."""
    from rich.table import Table

    from tieline.cli.screen import screen
    from tieline.feeders import load_feeder

    found = load_feeder(feeder)
    table = Table(
        title=f"{found.name}: {found.title}" if found.title else found.name,
        title_justify="left",
        show_header=False,
    )
    table.add_column("part")
    table.add_column("value", justify="right")
    kinds = (
        "buses",
        "lines",
        "switches",
        "transformers",
        "regulators",
        "capacitors",
        "loads",
        "pvs",
        "storages",
        "generators",
        "shunts",
    )
    for kind in kinds:
        count = len(getattr(found, kind))
        if count:
            table.add_row(kind, str(count))
    table.add_row("nodes", str(sum(len(bus.phases) for bus in found.buses)))
    table.add_row("load [kW]", f"{found.peak_load_kw:.1f}")
    table.add_row("load [kvar]", f"{sum(load.q_kvar for load in found.loads):.1f}")
    console = screen()
    console.print(table)
    console.print(f"figures from: {found.origin}")
    for note in found.notes:
        console.print(f"note: {note}")


@app.command(name="convert")
def convert(
    feeder: Annotated[str, Parameter(help=FEEDER_HELP)],
    target: Annotated[
        Path, Parameter(help="Folder of tables, or a .dss file, to write; must not exist.")
    ],
) -> None:
    """Write a feeder as tieline's readable tables or as an OpenDSS script."""
    from tieline.errors import InputError, reason_of
    from tieline.feeders import load_feeder, save_tables
    from tieline.feeders.opendss.writer import opendss_script
    from tieline.files import write_file

    found = load_feeder(feeder)
    if target.suffix.lower() != ".dss":
        save_tables(found, target)
    elif target.exists():
        raise InputError(f"'{target}' exists. Choose another name or remove it.")
    else:
        try:
            write_file(target, opendss_script(found))
        except OSError as error:
            raise InputError(
                f"'{target}' cannot be written ({reason_of(error)}). Choose another place."
            ) from None
    print(f"written: {target}")
