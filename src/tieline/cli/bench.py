"""`tieline bench WHAT`: one command per benchmark, its flags made from the benchmark's options.

Every benchmark shows its tables on the screen; `--out` writes what was measured as JSON, `--page` the page for the docs.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from tieline.bench.catalogue import BENCHES, Bench
from tieline.bench.kit.options import FEEDERS, BenchOptions
from tieline.bench.kit.outputs import Outputs
from tieline.bench.kit.provenance import Provenance, package_versions
from tieline.cli.flags import field_flags
from tieline.machine import describe_machine
from tieline.studies.config import make_config

if TYPE_CHECKING:
    from tieline.bench.kit.markdown import Summary

app = App(
    name="bench",
    help="Measure speed beside other programs, errors of linear models, and goals of learning.",
)

PARAMETERS = "Parameters"
OUT_HELP = "JSON file to write."
PAGE_HELP = "Markdown page to write"


def bench_command(bench: Bench) -> Any:
    """A function with one keyword per option, which the command line reads its flags from."""

    def command(*names: str, **flags: Any) -> None:
        outputs = Outputs(flags.pop("out", None), flags.pop("page", None))
        values = flags
        if names:
            values = {**flags, FEEDERS: names}
        options = make_config(bench.options_model, values, flags)
        run_bench(bench, options, outputs)

    command.__doc__ = bench.question
    command.__signature__ = inspect.Signature(_parameters(bench))  # type: ignore[attr-defined]
    return command


def _parameters(bench: Bench) -> list[inspect.Parameter]:
    """Feeders without a flag, options, and the files to write."""
    model = bench.options_model
    out = Annotated[Path | None, Parameter(help=OUT_HELP)]
    page = Annotated[Path | None, Parameter(help=_page_help(bench))]
    keyword = inspect.Parameter.KEYWORD_ONLY
    return [
        *_feeder_parameters(model),
        *field_flags(model, left_out=(FEEDERS,), group=PARAMETERS),
        inspect.Parameter("out", keyword, default=None, annotation=out),
        inspect.Parameter("page", keyword, default=None, annotation=page),
    ]


def _feeder_parameters(model: type[BenchOptions]) -> list[inspect.Parameter]:
    field = model.model_fields.get(FEEDERS)
    if field is None:
        return []
    words = f"{field.description} [default: {' '.join(field.default)}]"
    annotation = Annotated[str, Parameter(help=words)]
    return [
        inspect.Parameter(
            FEEDERS, inspect.Parameter.VAR_POSITIONAL, annotation=annotation
        ),
    ]


def _page_help(bench: Bench) -> str:
    figures = ", with a figure beside it" if bench.figures else ""
    adds = ""
    if bench.page_adds:
        adds = f"; {bench.page_adds}"
    return f"{PAGE_HELP}{figures}{adds}."


for _bench in BENCHES.values():
    app.command(bench_command(_bench), name=_bench.name)


def run_bench(bench: Bench, options: BenchOptions, outputs: Outputs) -> None:
    """Measure, print the tables, and write the files that were asked for."""
    outputs.require_places(bench.figures)
    bench.require_packages()
    measurement = bench.measure(options, _tell)
    provenance = Provenance(
        describe_machine(),
        package_versions(bench.packages),
        bench.command(options, outputs.page_name),
    )
    _show(bench.summary(measurement), provenance)
    outputs.write_json(measurement, provenance)
    if outputs.page is not None:
        measurement = bench.complete(measurement, options, _tell)
        outputs.write_page(bench.heading, bench.page(measurement), provenance)


def _tell(what: str) -> None:
    print(f"measuring {what}", file=sys.stderr)


def _show(summary: Summary, provenance: Provenance) -> None:
    """The tables on the screen, what was left out, and the machine."""
    from rich.table import Table

    from tieline.cli.screen import screen

    console = screen()
    for title, table in summary.tables:
        printed = Table(title=title, title_justify="left")
        for heading, side in zip(table.headings, table.alignment, strict=True):
            justify = "right"
            if side == "l":
                justify = "left"
            printed.add_column(heading, justify=justify)
        for row in table.rows:
            printed.add_row(*row)
        console.print(printed)
    for note in summary.notes:
        console.print(note)
    console.print(f"machine: {provenance.machine}")
