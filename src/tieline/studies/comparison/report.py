"""Runs side by side as a page; the command line prints the same sections."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tieline.counted import counted
from tieline.reports.headline import Headline
from tieline.reports.html import Block, Report, Section, Table, Text, write_page
from tieline.reports.remarks import Remark, broken
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
    settings = setting_table(runs)
    metrics = metric_table(runs)
    sections = [
        _question(settings),
        _answers(runs, metrics),
        _limits(limit_table(runs)),
        _feeders(runs),
    ]
    return Report(_headline(runs, settings, metrics), sections)


def write_comparison(path: Path, runs: Runs) -> None:
    """Write the page, with where each run comes from at its end."""
    sources = {name: _provenance(result) for name, result in runs.items()}
    write_page(path, comparison(runs), sources, _remarks(runs))


def _remarks(runs: Runs) -> list[Remark]:
    """What a reader must know of each run; what does not hold for all of them names those for which it does."""
    names_of: dict[Remark, list[str]] = {}
    for name, result in runs.items():
        of_run = [*broken(result.headline.violations), *result.remarks]
        for remark in dict.fromkeys(of_run):
            names_of.setdefault(remark, []).append(name)
    remarks = []
    for remark, names in names_of.items():
        whose = "" if len(names) == len(runs) else f"{', '.join(names)}: "
        remarks.append(Remark(remark.kind, f"{whose}{remark.text}"))
    return remarks


def _headline(runs: Runs, settings: pd.DataFrame, metrics: pd.DataFrame) -> Headline:
    """How much differs, and the answer of each run."""
    study = next(iter(runs.values())).study
    differ = f"{len(metrics)} of {n_metrics(runs)} metrics differ"
    if len(settings):
        differ = f"{counted(len(settings), 'setting')} and {differ}"
    elif metrics.empty:
        differ = "the same question and the same answer"
    title = f"{len(runs)} runs of {study}: {differ}"
    answers = [(name, result.headline.title) for name, result in runs.items()]
    return Headline(title, find_study(study).question, answers)


def _answers(runs: Runs, metrics: pd.DataFrame) -> Section:
    blocks: list[Block] = [Table(tile_table(runs), "The answers side by side.")]
    if metrics.empty:
        blocks.append(Text("All metrics are the same, to the last digit."))
    else:
        blocks.append(_whole(metrics, "Metrics that differ."))
    return Section("Answer", blocks)


def _question(settings: pd.DataFrame) -> Section:
    if settings.empty:
        return Section("Question", [Text("All settings are the same.")])
    return Section("Question", [_whole(settings, "Settings that differ.")])


def _limits(limits: pd.DataFrame) -> Section:
    if limits.empty:
        text = "The same limits hold and break in all runs."
        return Section("Limits", [Text(text)])
    return Section("Limits", [_whole(limits, "Broken limits that not all runs have.")])


def _whole(table: pd.DataFrame, caption: str) -> Table:
    """All rows: no file beside the page has those that it would leave out."""
    return Table(table, caption, most_rows=len(table))


def _feeders(runs: Runs) -> Section:
    digests = {result.feeder_sha256 for result in runs.values()}
    if len(digests) == 1:
        digest = next(iter(digests))
        text = f"All runs were asked of the same feeder (SHA-256 {_short(digest)})."
        return Section("Feeder", [Text(text)])
    caption = "Elements that differ from those of the first run."
    table = Table(feeder_table(runs), caption)
    return Section("Feeder", [Text(_different_feeders(runs)), table])


def _different_feeders(runs: Runs) -> str:
    named = []
    for name, result in runs.items():
        named.append(f"{name} {_short(result.feeder_sha256)}")
    listed = ", ".join(named)
    return f"The runs were asked of different feeders, or of one that was edited (SHA-256: {listed})."


def _short(digest: str) -> str:
    return f"{digest[:DIGEST_LETTERS]}..."


def _provenance(result: Result) -> dict[str, str]:
    return {
        "feeder": result.feeder.title or result.feeder.name,
        "feeder's SHA-256": result.feeder_sha256,
        "tieline": result.version,
        "date": result.date,
        "machine": result.machine,
    }
