"""Requests whose power flow has no solution: counted, and no part of any gap."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from builders import single_code, two_bus
from tieline.errors import InputError, NotConvergedError
from tieline.feeders import save_tables
from tieline.feeders.elements import Bus, Line
from tieline.studies.reserve.config import ReserveConfig
from tieline.studies.result import Result
from tieline.studies.shell import run_study

run = partial(run_study, "reserve", None)


@pytest.fixture
def lines(tmp_path: Path) -> str:
    """A line that carries any injection, and one beyond which no more than 2 MW can be sent out."""
    own = two_bus(100.0, 0.0)
    weak = Line("ac", "a", "c", (1,), (1,), single_code(0.1, 40.0, "weak"))
    feeder = own.replace(
        buses=(*own.buses, Bus("c", (1,), 12.66)), lines=(*own.lines, weak)
    )
    save_tables(feeder, tmp_path / "lines")
    return str(tmp_path / "lines")


def split(lines: str, **values: Any) -> Result:
    own = {
        "ders": ("b", "c"),
        "capacity_kw": (3000.0, 3000.0),
        "bid_cents": (12.0, 10.0),
        "request_kw": 3000.0,
        "held_out": 0,
    }
    wide = {
        "lowest_pu": 0.5,
        "highest_pu": 1.5,
        "largest_capacity_kw": 3000.0,
        "smallest_capacity_kw": 2900.0,
    }
    return run(ReserveConfig(feeder=lines, **{**own, **wide, **values}))


def test_an_allocation_without_solution_has_no_numbers(
    lines: str, tmp_path: Path
) -> None:
    # 12.66^2 / 40 / 2 = 2.0 MW is the most that the weak line takes at unity power factor; the cheapest bid asks 3 MW of it
    result = split(lines)
    metrics = result.metrics
    assert [
        metrics[f"{name}_own_cheapest"] for name in ("cost_usd", "loss_kw", "objective")
    ] == [
        None,
        None,
        None,
    ]
    assert result.number("loss_kw_own_optimum") > 0
    assert result.number("cases_unjudged") >= 1
    assert any(
        "no solution with the allocation of" in text and "cheapest" in text
        for text in result.warnings
    )
    result.write_report(tmp_path / "report.html")


def test_gaps_are_of_the_requests_that_were_judged(lines: str) -> None:
    table = split(lines, held_out=40).tables["held_out"].set_index("who")
    assert table["unjudged"]["cheapest"] > 0
    assert np.isfinite(table["mean_pct"]["capacity"])
    assert (table["mean_pct"].dropna() > -1e-3).all()
    assert pd.isna(table["mean_pct"]).sum() == (table["unjudged"] == 40).sum()


def test_nothing_judged_is_no_answer(lines: str) -> None:
    with pytest.raises(
        NotConvergedError, match="no allocation of any case has a power-flow solution"
    ):
        split(lines, ders=("c", "c"))


def test_unseen_requests_without_end_are_refused(
    lines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        InputError,
        match=r"1,000,000,000 unseen requests take at least .*; (the limit is|there are)",
    ):
        split(lines, held_out=10**9)
    monkeypatch.setattr("tieline.effort.memory_bytes", lambda: 10**6)
    with pytest.raises(
        InputError, match=r"100,000 unseen requests take at least .* memory"
    ):
        split(lines, held_out=10**5)
