"""The report: the short answer, and a section with the table and the feeder."""

from __future__ import annotations

from loss_study.headline import headline
from tieline.reports.html import Report, Section, Table
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page says, as data."""
    table = Table(result.tables["levels"], "Losses at each load.")
    return Report(headline(result), [Section("Losses", [table])])
