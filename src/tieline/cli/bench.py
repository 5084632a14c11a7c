"""`tieline bench WHAT`: one command per benchmark, its flags made from the benchmark's options.

Every benchmark shows its tables on the screen; `--out` writes what was measured as JSON, `--page` the page for the docs.
"""

from __future__ import annotations

import inspect
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from tieline.bench.catalogue import BENCHES, Bench
from tieline.bench.kit.markdown import figure_name, sections_to_markdown
from tieline.bench.kit.options import FEEDERS, BenchOptions, flag_name
from tieline.bench.kit.provenance import Provenance, head, package_versions
from tieline.cli.flags import field_flags
from tieline.errors import InputError
from tieline.files import require_writable, write_file
from tieline.studies.config import make_config

app = App(
    name="bench",
    help="Measure speed beside other programs, errors of linear models, and goals of learning.",
)

OUT_HELP = "JSON file to write."
PAGE_HELP = "Markdown page to write"


def bench_command(bench: Bench) -> Any:
    """A function with one keyword per option, which the command line reads its flags from."""

    def command(*names: str, **flags: Any) -> None:
        out = flags.pop("out", None)
        page = flags.pop("page", None)
        values = {**flags, FEEDERS: names} if names else flags
        options = make_config(bench.options_model, values, flags)
        run_bench(bench, options, out, page)

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
        *field_flags(model, left_out=(FEEDERS,)),
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
    adds = f"; {bench.page_adds}" if bench.page_adds else ""
    return f"{PAGE_HELP}{figures}{adds}."


for _bench in BENCHES.values():
    app.command(bench_command(_bench), name=_bench.name)


def run_bench(
    bench: Bench, options: BenchOptions, out: Path | None, page: Path | None
) -> None:
    """Measure, print the tables, and write the files that were asked for."""
    _require_places(bench, out, page)
    bench.require_packages()
    measurement = bench.measure(options, _tell)
    provenance = _provenance(bench, options, page)
    _show(bench, measurement, provenance)
    if out is not None:
        _write_json(measurement, provenance, out)
    if page is not None:
        measurement = bench.complete(measurement, options, _tell)
        _write_page(bench, measurement, provenance, page)


def _tell(what: str) -> None:
    print(f"measuring {what}", file=sys.stderr)


def _require_places(bench: Bench, out: Path | None, page: Path | None) -> None:
    """Refuse, before anything is measured, files that could not be written, and one that is named twice.

    Raises:
        InputError: saying which file cannot be written, is named twice, or would be overwritten unasked.
    """
    places = {flag_name("out"): out, flag_name("page"): page}
    outputs = {flag: path for flag, path in places.items() if path is not None}
    for flag, path in outputs.items():
        require_writable(path, flag)
    # links may lead two names to one file
    files = {os.path.realpath(path) for path in outputs.values()}
    if len(files) < len(outputs):
        raise InputError(
            f"{' and '.join(outputs)} name the same file. Give each its own."
        )
    if page is not None:
        for name in bench.figures:
            _require_room(page.with_name(figure_name(page.stem, name)), page)


def _require_room(figure: Path, page: Path) -> None:
    """Refuse to overwrite a file that nobody named, unless the page that it belongs to is there."""
    require_writable(figure, "--page")
    if figure.exists() and not page.exists():
        raise InputError(
            f"'{figure}' exists, where the figure of the page would go. Choose another place with --page."
        )


def _provenance(bench: Bench, options: BenchOptions, page: Path | None) -> Provenance:
    from tieline.machine import describe_machine

    page_file = ""
    if page is not None:  # of a path with a machine's folders only the name
        page_file = page.name if page.is_absolute() else page.as_posix()
    versions = package_versions(bench.packages)
    return Provenance(describe_machine(), versions, bench.command(options, page_file))


def _show(bench: Bench, measurement: Any, provenance: Provenance) -> None:
    """The tables on the screen, the machine under the first title, and what was left out."""
    from rich.table import Table

    from tieline.cli.screen import screen

    console = screen()
    summary = bench.summary(measurement)
    for title, table in summary.tables:
        printed = Table(title=title, title_justify="left")
        for heading, side in zip(table.headings, table.alignment, strict=True):
            printed.add_column(heading, justify="left" if side == "l" else "right")
        for row in table.rows:
            printed.add_row(*row)
        console.print(printed)
    for note in summary.notes:
        console.print(note)
    console.print(f"machine: {provenance.machine}")


def _write_json(measurement: Any, provenance: Provenance, path: Path) -> None:
    import json

    content = {**asdict(provenance), **measurement.to_json()}
    write_file(path, json.dumps(content, indent=2) + "\n")


def _write_page(
    bench: Bench, measurement: Any, provenance: Provenance, path: Path
) -> None:
    """The page, and its figures beside it."""
    page = bench.page(measurement)
    for figure in page.figures:
        file_name = figure_name(path.stem, figure.name)
        write_file(path.with_name(file_name), figure.svg)
    # the page last: if it is there, the figures that it shows are there too
    beginning = head(bench.heading, page.intro, provenance)
    body = sections_to_markdown(page.sections, path.stem)
    write_file(path, f"{beginning}\n\n{body}\n")
