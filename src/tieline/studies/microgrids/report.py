"""The page about a run: who spends how much, what devices do, where limits bind, what was assumed."""

from __future__ import annotations

from tieline.reports.html import Report
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a run says."""
    config = result.config
    assert isinstance(config, MicrogridsConfig)
    return Report(
        title="Microgrids",
        question="",
        summary=[],
        sections=[],
    )
