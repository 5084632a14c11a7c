"""`tieline feeders`: the bundled feeders, what is in one, whether a file can be used; conversion, equivalents, feeders joined
into one, islands cut out of one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from tieline.cli.explain import how_to_explain
from tieline.cli.working import working
from tieline.counted import counted

if TYPE_CHECKING:
    from tieline.feeders import Feeder

app = App(name="feeders", help="List, inspect, convert and compose feeders.")

FEEDER_HELP = (
    "Bundled name, or path of an OpenDSS (.dss), MATPOWER (.m), pandapower or "
    "power-grid-model (.json) file, of a composition (.toml) or of a tieline folder."
)


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
    """Check a feeder and print what it consists of, with a line for each kind of note."""
    from tieline.cli.answer import print_pairs
    from tieline.cli.output import print_feeder_notes
    from tieline.cli.screen import screen
    from tieline.feeders import load_feeder
    from tieline.feeders.contents import contents

    with working(f"reading {feeder}"):
        checked = load_feeder(feeder)
    console = screen()
    console.print(f"{checked.name}: {checked.title}".removesuffix(": "), style="bold")
    console.print()
    print_pairs(console, [*contents(checked), ("topology", _topology(checked))])
    console.print()
    if checked.origin:
        console.print(f"figures from: {checked.origin}")
    print_feeder_notes(checked, feeder)


def _topology(feeder: Feeder) -> str:
    """Whether one path leads to each bus."""
    from tieline.network.topology import tree_from_source

    if len(feeder.sources) > 1:
        return f"{len(feeder.sources)} sources"
    loops = tree_from_source(feeder).loops
    if not loops:
        return "radial"
    return f"meshed, {counted(len(loops), 'closed loop')}"


@app.command(name="notes")
def notes(
    feeder: Annotated[str, Parameter(help=FEEDER_HELP)],
    *,
    code: Annotated[
        str, Parameter(help="Only notes of this code, such as LOAD.KV_MISMATCH.")
    ] = "",
) -> None:
    """Print every note on a feeder in full, with the names of all elements that it concerns."""
    from tieline.cli.screen import screen
    from tieline.errors import InputError, unknown_name_message
    from tieline.feeders import load_feeder

    with working(f"reading {feeder}"):
        all_notes = load_feeder(feeder).notes
    by_code = {note.code.lower(): note.code for note in all_notes}
    if code and code.lower() not in by_code:
        raise InputError(unknown_name_message("code", code, by_code.values()))
    console = screen(soft_wrap=True)
    for note in all_notes:
        if code.lower() in ("", note.code.lower()):
            console.print(note.full_text)
    if all_notes:
        print(how_to_explain(all_notes[0].code))
    else:
        console.print("There is nothing to note.")


@app.command(name="convert")
def convert(
    feeder: Annotated[str, Parameter(help=FEEDER_HELP)],
    target: Annotated[
        Path,
        Parameter(
            help="Folder of tables, .dss file (OpenDSS) or .json file (power-grid-model) to write; must not exist."
        ),
    ],
) -> None:
    """Write a feeder as tieline's readable tables, as an OpenDSS script or as a data set of power-grid-model."""
    from tieline.feeders import load_feeder
    from tieline.feeders.save import save_feeder

    with working(f"converting {feeder}"):
        checked = load_feeder(feeder)
        save_feeder(checked, target)
    if checked.frequency_is_assumed and target.suffix.lower() == ".dss":
        hertz = f"{checked.frequency_hz:g} Hz"
        print(
            f"No file states the frequency of {checked.name}. A script must, and this one says {hertz}: studies of it are "
            f"judged by the standard of {hertz}, unless limits are given."
        )
    print(f"written: {target}")


@app.command(name="compose")
def compose_feeders(
    file: Annotated[
        Path,
        Parameter(help="Composition (.toml): a host, and parts joined to its buses."),
    ],
    *,
    out: Annotated[Path, Parameter(help="Folder of tables to write; must not exist.")],
) -> None:
    """Join feeders through transformers into one, and write it as a folder of tables."""
    from tieline.feeders.compose import compose

    with working(f"joining the feeders of {file}"):
        feeder = compose(file)
    _write_tables(feeder, out)


@app.command(name="equivalent")
def write_equivalent(
    feeder: Annotated[str, Parameter(help=FEEDER_HELP)],
    *,
    out: Annotated[Path, Parameter(help="Folder of tables to write; must not exist.")],
    bypass: Annotated[
        str,
        Parameter(
            help="Regulators, transformers or lines to short out, with commas between."
        ),
    ] = "",
) -> None:
    """Write the balanced single-phase equivalent of a feeder as a folder of tables."""
    from tieline.comma_lists import split_commas
    from tieline.feeders import bypass as bypassed
    from tieline.feeders import load_feeder
    from tieline.feeders.equivalent import equivalent

    with working(f"making the equivalent of {feeder}"):
        shorted = bypassed.bypass(load_feeder(feeder), split_commas(bypass))
        single_phase = equivalent(shorted)
    _write_tables(single_phase, out)


@app.command(name="island")
def write_island(
    island: Annotated[
        str, Parameter(help="Bundled island, such as ieee36, or its file (.toml).")
    ],
    *,
    out: Annotated[Path, Parameter(help="Folder of tables to write; must not exist.")],
) -> None:
    """Cut an island out of its feeder and write it, with its units but the droop units, as a folder of tables."""
    from tieline.feeders.islands import island_feeder, read_island

    with working(f"cutting out {island}"):
        feeder = island_feeder(read_island(island))
    _write_tables(feeder, out)


def _write_tables(feeder: Feeder, out: Path) -> None:
    """Write a feeder and say what it is and what its making left out."""
    from tieline.cli.output import print_feeder_notes
    from tieline.cli.screen import screen
    from tieline.feeders import save_tables

    with working(f"writing {out}"):
        save_tables(feeder, out)
    console = screen()
    console.print(repr(feeder))
    print_feeder_notes(feeder, str(out))
    print(f"written: {out}")


@app.command(name="template")
def template(
    name: Annotated[
        str,
        Parameter(
            help="Bundled composition or island, such as ieee33-microgrids or ieee36."
        ),
    ],
    file: Annotated[Path, Parameter(help="File (.toml) to write; must not exist.")],
) -> None:
    """Write the file of a bundled composition or island, to make one's own of it."""
    from tieline.errors import InputError, reason_of, unknown_name_message
    from tieline.feeders.islands import island_file, island_names
    from tieline.feeders.library import composition_file, composition_names
    from tieline.files import write_file

    source = composition_file(name) or island_file(name)
    if source is None:
        names = (*composition_names(), *island_names())
        raise InputError(unknown_name_message("composition or island", name, names))
    if file.exists():
        raise InputError(f"'{file}' exists. Choose another name or remove it.")
    try:
        write_file(file, source.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"'{file}' cannot be written ({reason_of(error)}). Choose another place."
        ) from None
    print(f"written: {file}")
