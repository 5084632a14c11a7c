"""The section about an agreement: its words are the metrics, and a figure shows who held which multiplier (figure 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tieline import Result
from tieline.reports.html import Figure, Text
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.telling.sections.agreement import agreement

COMPLETE = MicrogridsConfig(case="peak-window", graph="complete")


def test_multipliers_stand_there_by_round_and_agent(
    peak_hour: Result, peak_agreement: Any
) -> None:
    table = peak_agreement.multipliers
    result = replace(
        peak_hour,
        metrics={**peak_hour.metrics, **peak_agreement.metrics},
        tables={**peak_hour.tables, "agreement": table},
    )
    (section,) = agreement(result, COMPLETE)
    words, *figures = section.blocks
    assert isinstance(words, Text)
    rounds = int(peak_agreement.metrics["consensus_rounds"])
    assert f"on the graph 'complete': {rounds} rounds" in words.text
    pressing = table.loc[table["multiplier"].idxmax(), "constraint"]
    first = figures[0]
    assert isinstance(first, Figure)
    assert f"'{pressing}'" in first.caption
    lines: Any = first.figure.data
    assert [line.name for line in lines] == ["mg1", "mg2", "mg3", "mg4", "mg5"]
    of_last = table[(table["agent"] == "mg5") & (table["constraint"] == pressing)]
    np.testing.assert_array_equal(lines[4].x, of_last["round"])
    np.testing.assert_array_equal(lines[4].y, of_last["multiplier"])


def test_without_an_agreement_there_is_no_section(peak_hour: Result) -> None:
    assert agreement(peak_hour, COMPLETE) == []
