"""The page: what it says of an hour, in numbers of the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline import Result
from tieline.reports.html import Figure, Table
from tieline.studies.microgrids.report import report


def test_the_head_is_the_answer(paper_hour: Result) -> None:
    page = report(paper_hour)
    gap = paper_hour.number("cost_gap_pct_merit_safe")
    assert page.headline.title == (
        "5 microgrids on ieee33-microgrids, merit order with safety step: "
        f"{gap:.2f} % above the central optimum, no limit broken"
    )
    assert "4 steps of 15 min" in page.headline.question
    assert (
        dict(page.headline.summary)["Steps that would break a limit, as decided"]
        == "100.00 %"
    )
    assert page.headline.violations == []


def test_every_decider_has_a_row_first(paper_hour: Result) -> None:
    first = report(paper_hour).sections[0]
    table = next(block for block in first.blocks if isinstance(block, Table)).frame
    assert list(table.who) == [
        "central optimum",
        "merit order",
        "merit order with safety step",
    ]
    assert list(table.broken) == [0.0, 100.0, 0.0]
    assert table.cost[0] == pytest.approx(114.697, rel=1e-3)


def test_the_article_stands_beside_the_run(paper_hour: Result) -> None:
    costs = next(s for s in report(paper_hour).sections if s.title == "What it costs")
    table = [block for block in costs.blocks if isinstance(block, Table)][-1].frame
    np.testing.assert_allclose(
        table["central optimum"], table["printed, central"], rtol=1e-3
    )
    printed = table[["printed, central", "printed, safe"]].sum()
    # 1.13 % dearer, all together
    assert printed.iloc[1] / printed.iloc[0] == pytest.approx(1.0113, abs=1e-4)


def test_generators_stand_beside_their_limit(peak_hour: Result) -> None:
    page = report(peak_hour)
    section = next(
        s for s in page.sections if s.title == "What limits of generators cost"
    )
    figure = [block for block in section.blocks if isinstance(block, Figure)][-1]
    assert "the limit of 300 kW" in figure.caption
    traces: Any = figure.figure.data
    by_name = {trace.name: trace.y for trace in traces}
    assert max(by_name["central optimum"]) == pytest.approx(300.0, abs=1e-2)
    assert min(by_name["no limit of generators"]) > 400.0
