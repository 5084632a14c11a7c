"""The page about a run."""

from __future__ import annotations

from tieline.reports.html import Report
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a run says."""
    return Report(title="x", question="y", summary=[], sections=[])
