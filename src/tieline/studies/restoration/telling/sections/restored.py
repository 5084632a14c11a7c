"""Section "What is restored when": load on over the hours, a figure for each scenario (the article's figures 4(a-c), 5(a))."""

from __future__ import annotations

from tieline.reports.html import Section
from tieline.studies.restoration.telling.sections.in_short import served_figure
from tieline.studies.restoration.telling.shown import (
    SCENARIO_WORDS,
    main_scenario,
    scenarios_of,
)
from tieline.studies.result import Result

INTRO = (
    "Where there are several draws or policies a band reaches from the lowest to the highest. The article's figures 4(a-c) and "
    "5(a) are of this kind; its data are not printed, so that curves can be compared and numbers cannot."
)


def restored(result: Result) -> list[Section]:
    """The scenarios that the first picture is not of."""
    first_scenario = main_scenario(result)
    figures = []
    for scenario in scenarios_of(result):
        if scenario == first_scenario:
            continue
        words = SCENARIO_WORDS[scenario]
        caption = f"{words[:1].upper()}{words[1:]} ({scenario})."
        figures.append(served_figure(result, scenario, caption))
    return [Section("What is restored when", figures, INTRO)] if figures else []
