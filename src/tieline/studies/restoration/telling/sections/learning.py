"""Section "How the policies learned": what their training kept; nothing where no curves are known."""

from __future__ import annotations

from tieline.reports.html import Section
from tieline.studies.restoration.training.report import learning_figures
from tieline.studies.result import Result

INTRO = (
    "Every update plays whole episodes on draws of its own. Now and then draws that no update sees were played without noise and "
    "without the safety step: the objective of those (the article's figures 4(f) and 5(b))."
)


def learning(result: Result) -> list[Section]:
    """Checks on unseen draws over the training."""
    curves = result.tables.get("learning")
    if curves is None:
        return []
    return [Section("How the policies learned", learning_figures(curves), INTRO)]
