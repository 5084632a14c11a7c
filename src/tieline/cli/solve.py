"""`tieline solve FEEDER`: one power flow, printed as a summary, or written as CSV. With `--opf` an optimal one.

The latter is the short form of `tieline run optimal-power-flow`, whose flags it takes; it writes a run folder only if told to.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Group, Parameter

from tieline.cli.flags import config_flags
from tieline.errors import InputError, reason_of
from tieline.studies.catalogue import find_study
from tieline.studies.config import make_config

if TYPE_CHECKING:
    from tieline.powerflow import Solution
    from tieline.powerflow.solve import Controls, LoadModel

FEEDER_HELP = "Bundled name, or path of an OpenDSS (.dss), MATPOWER (.m), pandapower (.json) file or a tieline folder."


OPF_HELP = "Find the best set-points of DERs: linear rounds, convex relaxation, or exact AC equations."
OUT_HELP = "Folder for nodes.csv, branches.csv, taps.csv; with --opf the run folder with the report."
TABLES = ("nodes.csv", "branches.csv", "taps.csv")
TABLE_LIST = "tables.json"
"""Says which tables in a folder are ours, so that no other file of that name is overwritten."""
OPF_STUDY = "optimal-power-flow"
OPF_GROUP = Group("Optimal power flow (with --opf)")
SHARED = (
    "feeder",
    "seed",
    "formulation",
    "load_pct",
    "load_level_pct",
    "controls",
    "load_model",
)
"""Fields of the optimal power flow's configuration that need no flag of their own here."""


def solve_feeder(
    feeder: Annotated[str, Parameter(help=FEEDER_HELP)],
    *,
    opf: Annotated[
        Literal["lp", "socp", "nlp"] | None, Parameter(help=OPF_HELP)
    ] = None,
    controls: Annotated[
        Literal["feeder", "off"],
        Parameter(
            help="Regulators and capacitors act (with --opf before the DERs do, and then stay), or stay as the feeder "
            "states them."
        ),
    ] = "feeder",
    load_model: Annotated[
        Literal["feeder", "zip", "opendss-band"],
        Parameter(
            help="Loads outside their voltage band: as the feeder says, stay ZIP, or turn to impedances as in OpenDSS."
        ),
    ] = "feeder",
    load_pct: Annotated[float, Parameter(help="Load [% of nominal].")] = 100.0,
    out: Annotated[Path | None, Parameter(help=OUT_HELP)] = None,
    **opf_flags: Any,
) -> None:
    """Solve the AC power flow of a feeder, or with --opf find its DERs' best set-points and the prices at its nodes."""
    import math

    if not math.isfinite(load_pct) or load_pct < 0:
        raise InputError(
            f"--load-pct must be a finite number of at least 0; got {load_pct:g}."
        )
    flags = {name: value for name, value in opf_flags.items() if value is not None}
    if opf is None:
        _require_none(flags)
        _power_flow(feeder, controls, load_model, load_pct, out)
        return
    shared = {
        "feeder": feeder,
        "controls": "hold"
        if controls == "feeder"
        else controls,  # before the DERs, then they stay
        "load_model": load_model,
        "load_pct": load_pct,
    }
    _optimal_power_flow({**shared, "formulation": opf, **flags}, out)


def _signature() -> inspect.Signature:
    """That of `solve_feeder`, with a flag for each field of the optimal power flow's configuration."""
    parameters = inspect.signature(solve_feeder, eval_str=True).parameters.values()
    # `opf_flags` takes what these flags bring, and is none itself
    named = [
        part for part in parameters if part.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    config_model = find_study(OPF_STUDY).config_model
    flags = config_flags(config_model, left_out=SHARED, group=OPF_GROUP)
    return inspect.Signature([*named, *flags])


solve_feeder.__signature__ = _signature()  # type: ignore[attr-defined]


def _require_none(flags: dict[str, Any]) -> None:
    """Flags of an optimal power flow mean nothing without one."""
    if flags:
        words = ", ".join(f"--{name.replace('_', '-')}" for name in flags)
        raise InputError(
            f"{words}: only an optimal power flow takes this. Add --opf nlp, --opf socp or --opf lp."
        )


def _optimal_power_flow(values: dict[str, Any], out: Path | None) -> None:
    """The study of that name; its run folder is written only if asked for."""
    from tieline.cli.answer import print_answer
    from tieline.cli.run import run_and_save
    from tieline.studies.shell import answer

    study = find_study(OPF_STUDY)
    config = make_config(study.config_model, values, flags=values)
    if out is not None:
        run_and_save(study, config, out)
    else:
        print_answer(answer(study, config))


def _power_flow(
    feeder: str,
    controls: Controls,
    load_model: LoadModel,
    load_pct: float,
    out: Path | None,
) -> None:
    """One AC power flow, its tables written if asked for."""
    from tieline.cli.output import print_feeder_notes
    from tieline.feeders import load_feeder
    from tieline.network import Network
    from tieline.powerflow import solve

    if out is not None:  # a large feeder takes a while: refused now, not then
        _require_room(out)
    network = Network.from_feeder(load_feeder(feeder))
    solution = solve(
        network, load_scale=load_pct / 100, controls=controls, load_model=load_model
    )
    try:
        _print_summary(solution)
        # first what can be chosen on the command line
        _print_band(solution, load_pct, controls)
        print_feeder_notes(network.feeder, feeder)
    finally:  # a reader of our output who left must not cost the tables
        if out is not None:
            _write_tables(solution, out)


def _require_room(out: Path) -> None:
    """Refuse, before anything is solved, a folder that holds other files of these names."""
    from tieline.own_files import OwnFiles
    from tieline.studies.folder_lock import lock_folder

    if not out.exists():
        return
    if not out.is_dir():
        raise InputError(f"'{out}' is a file. Give a folder with --out.")
    try:
        with lock_folder(out):
            OwnFiles(out, TABLE_LIST).recover()
            OwnFiles(out, TABLE_LIST).require_room(TABLES)
    except OSError as error:
        raise InputError(
            f"Folder '{out}' cannot be written ({reason_of(error)}). Choose another with --out."
        ) from None


def _write_tables(solution: Solution, out: Path) -> None:
    """The tables of a solution, all or none; those of an earlier solution are replaced."""
    import tieline
    from tieline.own_files import OwnFiles
    from tieline.studies.folder_lock import lock_folder

    frames = (solution.node_table(), solution.branch_table(), solution.tap_table())

    def write(folder: Path) -> None:
        for name, frame in zip(TABLES, frames, strict=True):
            frame.to_csv(folder / name, index=False)

    about = {"version": tieline.__version__, "feeder": solution.network.feeder.name}
    try:
        out.mkdir(parents=True, exist_ok=True)
        with lock_folder(out):
            OwnFiles(out, TABLE_LIST).fill(about, write)
    except OSError as error:
        raise InputError(
            f"Folder '{out}' cannot be written ({reason_of(error)}). Choose another with --out."
        ) from None


def _print_summary(solution: Solution) -> None:
    from rich.table import Table

    from tieline.cli.power_flow_summary import summary_rows
    from tieline.cli.screen import screen

    table = Table(
        title=f"Power flow of {solution.network.feeder.name}",
        title_justify="left",
        show_header=False,
    )
    table.add_column("quantity")
    table.add_column("value", justify="right")
    for quantity, value in summary_rows(solution):
        table.add_row(quantity, value)
    screen().print(table)


def _print_band(solution: Solution, load_pct: float, controls: Controls) -> None:
    """If devices left their voltage band: how many, and what the other load model makes of them."""
    from tieline.cli.screen import screen
    from tieline.powerflow.load_models import compare_load_models

    comparison = compare_load_models(
        solution, load_scale=load_pct / 100, controls=controls
    )
    if comparison is not None:
        screen(soft_wrap=True).print(f"note: {comparison}")
