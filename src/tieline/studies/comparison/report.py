"""Runs side by side as a page; the command line prints the same sections."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tieline.counted import counted
from tieline.reports.headline import Headline
from tieline.reports.html import Block, Report, Section, Table, Text, write_page
from tieline.studies.catalogue import find_study
from tieline.studies.comparison.differences import (
    limit_table,
    metric_table,
    n_metrics,
    setting_table,
    tile_table,
)
from tieline.studies.comparison.feeders import feeder_table
from tieline.studies.comparison.runs import Runs
from tieline.studies.result import Result

DIGEST_LETTERS = 12
"""Of a feeder's SHA-256: enough to tell feeders apart by eye."""


def comparison(runs: Runs) -> Report:
    """What the page says; `runs` as `runs.read_runs` gives them."""
    study = next(iter(runs.values())).study
    settings = setting_table(runs)
    metrics = metric_table(runs)
    return Report(
        Headline(
            title=_title(runs, settings, metrics),
            question=find_study(study).question,
            summary=[(name, result.headline.title) for name, result in runs.items()],
        ),
        [
            _section(
                "Question",
                settings,
                "Settings that differ.",
                "All settings are the same.",
            ),
            _answers(runs, metrics),
            _section(
                "Limits",
                limit_table(runs),
                "Broken limits that not all runs have.",
                "The same limits hold and break in all runs.",
            ),
            _feeders(runs),
        ],
    )


def write_comparison(path: Path, runs: Runs) -> None:
    """Write the page, with where each run comes from at its end."""
    sources = {name: _provenance(result) for name, result in runs.items()}
    write_page(path, comparison(runs), sources)


def _title(runs: Runs, settings: pd.DataFrame, metrics: pd.DataFrame) -> str:
    study = next(iter(runs.values())).study
    differ = f"{counted(len(settings), 'setting')} and {len(metrics)} of {n_metrics(runs)} metrics differ"
    if settings.empty and metrics.empty:
        differ = "the same question and the same answer"
    return f"{len(runs)} runs of {study}: {differ}"


def _answers(runs: Runs, metrics: pd.DataFrame) -> Section:
    blocks: list[Block] = [Table(tile_table(runs), "The answers side by side.")]
    if metrics.empty:
        blocks.append(Text("All metrics are the same, to the last digit."))
    else:
        blocks.append(Table(metrics, "Metrics that differ.", most_rows=len(metrics)))
    return Section("Answer", blocks)


def _section(title: str, table: pd.DataFrame, caption: str, none: str) -> Section:
    """A table of differences, or a sentence that there are none."""
    if table.empty:
        return Section(title, [Text(none)])
    return Section(title, [Table(table, caption, most_rows=len(table))])


def _feeders(runs: Runs) -> Section:
    digests = {
        name: result.feeder_sha256[:DIGEST_LETTERS] for name, result in runs.items()
    }
    if len(set(digests.values())) == 1:
        digest = next(iter(digests.values()))
        text = f"All runs were asked of the same feeder (SHA-256 {digest}...)."
        return Section("Feeder", [Text(text)])
    named = ", ".join(f"{name} {digest}..." for name, digest in digests.items())
    text = f"The runs were asked of different feeders, or of one that was edited (SHA-256: {named})."
    caption = "Elements that differ from those of the first run."
    return Section("Feeder", [Text(text), Table(feeder_table(runs), caption)])


def _provenance(result: Result) -> dict[str, str]:
    return {
        "feeder": result.feeder.title or result.feeder.name,
        "feeder's SHA-256": result.feeder_sha256,
        "tieline": result.version,
        "date": result.date,
        "machine": result.machine,
    }
