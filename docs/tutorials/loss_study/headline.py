"""The short answer, which the screen shows and the report begins with."""

from __future__ import annotations

from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader sees first."""
    highest_kw = result.number("loss_max_kw")
    return Headline(
        title=f"Losses of {result.feeder.name}: up to {highest_kw:.1f} kW",
        question=f"How do the losses of {result.feeder.name} grow with its load?",
        summary=[("Highest loss", f"{highest_kw:.1f} kW")],
        table=Table(result.tables["levels"], "Losses at each load."),
    )
