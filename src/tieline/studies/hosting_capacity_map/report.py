"""The report of a hosting-capacity map: the map, what ends it where, the buses, what was assumed."""

from __future__ import annotations

from tieline.reports.html import Report
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a map says."""
    return Report(title="Map", question="", summary=[], sections=[])
