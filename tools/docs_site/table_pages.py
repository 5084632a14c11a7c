"""Pages of tables and metrics: what a study leaves in its run folder, by name, with unit and an example.

What a metric means is said by the module that makes it, what a row of a table is by the study's page; names, units, kinds and
examples are those of a run. None of the three is typed a second time here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pandas as pd

from docs_site.generated import markdown_table, toctree
from docs_site.study_runs import StudyRun
from tieline.reports.numbers import format_number, split_unit
from tieline.studies.catalogue import STUDIES, Study

ROW_OF_A_TABLE = re.compile(r"^\| (`[\w.]+`(?:, `[\w.]+`)*) \| (.*) \|$", re.M)
"""How the page of a study says what a row of a table is."""

OTHER_PAGES = {"optimal-power-flow": "opf", "power-flow": "solve"}
"""Studies whose page has another name."""

MOST_LETTERS = 60
"""Of an example."""

NOT_RUN = "The site was built without running anything, so names and examples are missing here.\n"


def table_pages(runs: Mapping[str, StudyRun], docs: Path) -> dict[str, str]:
    """Text by path: a page for each study, and one that lists them."""
    pages = {
        f"tables/{name}.md": _page(study, runs.get(name), docs)
        for name, study in STUDIES.items()
    }
    intro = (
        "# Tables and metrics\n\nA run folder holds its numbers twice: `result.json` has the metrics, and each `.parquet` file "
        "is a table (`pandas.read_parquet` reads it). Names end in the unit and stay the same from version to version, so "
        "scripts can rely on them.\n\n"
    )
    pages["tables/index.md"] = intro + toctree(STUDIES)
    return pages


def _page(study: Study, run: StudyRun | None, docs: Path) -> str:
    name = study_page(docs, study.name)
    link = f" [What is solved, and how](../../{name})." if name else ""
    parts = [
        f"# {study.name}",
        f"{study.question}{link}",
        "## Metrics",
        _meaning_of_metrics(study),
    ]
    if run is None:
        return "\n\n".join([*parts, NOT_RUN])
    parts += [f"Those of `{run.command}`:", _metrics(run.result["metrics"])]
    rows = rows_of_tables((docs / name).read_text(encoding="utf-8")) if name else {}
    for table_name, table in run.tables().items():
        parts.append(f"## `{table_name}.parquet`")
        parts += _table(table, rows.get(table_name, ""))
    return "\n\n".join(parts) + "\n"


def study_page(docs: Path, study: str) -> str | None:
    """File name of the page about a study, if there is one; optimal power flow has that of its method."""
    name = OTHER_PAGES.get(study, study)
    return f"{name}.md" if (docs / f"{name}.md").exists() else None


def rows_of_tables(text: str) -> dict[str, str]:
    """Table -> what a row of it is, from the page of a study."""
    rows = {}
    for names, words in ROW_OF_A_TABLE.findall(text):
        for name in re.findall(r"`([\w.]+)`", names):
            rows[name.removesuffix(".parquet")] = words
    return rows


def _meaning_of_metrics(study: Study) -> str:
    """The docstring of the module that makes them."""
    try:
        module = import_module(f"{study.package}.telling.metrics")
    except ModuleNotFoundError:
        # a study of few metrics has them in one file
        module = import_module(f"{study.package}.telling")
    return f"```text\n{cleandoc(module.__doc__ or '')}\n```"


def _metrics(metrics: Mapping[str, Any]) -> str:
    rows = (
        (f"`{name}`", unit_of(name), _example(value)) for name, value in metrics.items()
    )
    return markdown_table(("metric", "unit", "here"), rows)


def _table(table: pd.DataFrame, row_is: str) -> Iterator[str]:
    if row_is:
        yield f"A row is {row_is.rstrip('.')}."
    columns = (
        (
            f"`{name}`",
            unit_of(str(name)),
            _kind(table[name]),
            _example(_first(table[name])),
        )
        for name in table.columns
    )
    yield markdown_table(("column", "unit", "kind", "example"), columns)


def unit_of(name: str) -> str:
    """Unit at the end of a name, as reports write it."""
    return split_unit(name)[1]


def _kind(column: pd.Series) -> str:
    kinds = {"i": "whole number", "u": "whole number", "f": "number", "b": "yes or no"}
    return kinds.get(column.dtype.kind, "time" if column.dtype.kind == "M" else "text")


def _first(column: pd.Series) -> Any:
    """The first value that there is."""
    values = column.dropna()
    return values.iloc[0] if len(values) else None


def _example(value: Any) -> str:
    text = format_number(value)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}..."
