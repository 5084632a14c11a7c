"""Section "How the policies learned": what their training kept; nothing where no curves are known."""

from __future__ import annotations

from tieline.reports.html import Section
from tieline.studies.result import Result


def learning(result: Result) -> list[Section]:
    """Checks over the training."""
    return []
