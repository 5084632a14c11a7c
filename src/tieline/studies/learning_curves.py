"""The learning curves of a training as a block of a report: mean over the seeds, with the band from the worst to the best."""

from __future__ import annotations

import pandas as pd

from tieline.reports import figures
from tieline.reports.html import Figure


def learning_curve_figure(
    curves: pd.DataFrame,
    references: dict[str, float] | None = None,
    x_title: str = "steps in the environment, each training",
) -> Figure:
    """Return of the policy without exploration over steps in the environment.

    Args:
        curves: `seed`, `step`, `return_mean`, as in `TrainResult.curve`.
        references: name and return of what to draw across.
        x_title: what `step` counts.
    """
    by_step = curves.groupby("step")["return_mean"]
    count = curves["seed"].nunique()
    name = "mean of the seeds" if count > 1 else "return"
    figure = figures.lines_with_band(
        by_step.mean().index,
        {name: by_step.mean().to_numpy()},
        x_title=x_title,
        y_title="mean return on unseen episodes",
        bands={name: (by_step.min().to_numpy(), by_step.max().to_numpy())},
        limits=references,
    )
    caption = "Return of the policy of the moment, without exploration"
    if count > 1:
        caption += f"; the band reaches from the worst to the best of {count} seeds"
    return Figure(figure, f"{caption}.")
