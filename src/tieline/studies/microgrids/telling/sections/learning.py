"""Section "How the policies learned": what their training kept of each seed; nothing where no policies decide."""

from __future__ import annotations

from tieline.reports.html import Block, Section
from tieline.studies.microgrids.training.report import learning_figures
from tieline.studies.result import Result

INTRO = (
    "Every update moves all agents within their trust regions, towards less cost and into the limits. Now and then days that no "
    "update sees were decided without noise and without the safety step (the article's figure 5 has weights in place of them)."
)


def learning(result: Result) -> list[Section]:
    """Checks on unseen days over the training."""
    curves = result.tables.get("learning")
    if curves is None:
        return []
    blocks: list[Block] = [*learning_figures(curves)]
    return [Section("How the policies learned", blocks, INTRO)]
