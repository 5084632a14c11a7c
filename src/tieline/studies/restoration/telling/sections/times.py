"""Section "How long it takes": decisions and horizons beside the article's table 3."""

from __future__ import annotations

import pandas as pd

from tieline.reports.html import Section, Table
from tieline.studies.restoration.telling.published import RUN_TIME_S
from tieline.studies.restoration.telling.shown import played_of, words_of
from tieline.studies.result import Result

INTRO = (
    "The article ran on another machine, with other solvers: its times place ours, they are no measurement beside them. Its MPC "
    "is compared with the window of eight steps, its fully learned network with the imitation of it."
)

HEADINGS = {
    "decision": "a decision, median [ms]",
    "horizon": "a horizon, median [s]",
    "published_36": "printed, 36 buses [s]",
    "published_141": "printed, 141 buses [s]",
}


def times(result: Result) -> list[Section]:
    """A row per decider; nothing where nobody decided but bounds."""
    rows = [_row(result, name) for name in played_of(result)]
    if not rows:
        return []
    frame = pd.DataFrame(rows).dropna(axis="columns", how="all")
    caption = "Of one draw; without the safety step and the exact island."
    return [
        Section("How long it takes", [Table(frame, caption, HEADINGS)], INTRO),
    ]


def _row(result: Result, name: str) -> dict[str, object]:
    steps = result.tables["steps"]
    of_decider = steps[steps["decider"] == name]
    horizon = of_decider.groupby(["scenario", "policy", "draw"])["decision_ms"].sum()
    printed = RUN_TIME_S.get(name, (None, None))
    return {
        "who": words_of(name),
        "decision": of_decider["decision_ms"].median(),
        "horizon": horizon.median() / 1000,
        "published_36": printed[0],
        "published_141": printed[1],
    }
