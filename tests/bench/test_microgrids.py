"""The page of the microgrids: goals over days and seeds, a rule that is as good, consensus beside the central solution."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tieline.bench.kit.markdown import Page
from tieline.bench.microgrids import days as days_module
from tieline.bench.microgrids.consensus import measure_graphs
from tieline.bench.microgrids.days import PIECE_DAYS, play_days, scores_of
from tieline.bench.microgrids.goals import goals
from tieline.bench.microgrids.measure import MicrogridsMeasurement
from tieline.bench.microgrids.options import Options
from tieline.bench.microgrids.page import page

RowsOf = Callable[[Page, str], list[dict[str, str]]]


def verdicts(measured: MicrogridsMeasurement) -> dict[str, bool | None]:
    return {goal.what: goal.is_met for goal in goals(measured)}


def test_goals_are_those_of_the_worst_seed(
    microgrids_measurement: MicrogridsMeasurement,
) -> None:
    met = verdicts(microgrids_measurement)
    # 0.7 and 1.2 %, of merit order 0.9
    assert not met["gap to the day's optimum, mean of the days, worst seed [%]"]
    assert not met["the same, below merit order with the safety step [%]"]
    kept = "steps that keep all limits before the safety step, worst seed [%]"
    assert met[kept] is False
    assert met["steps with a broken limit after it"] is True
    assert met["a decision of all microgrids, median [ms]"] is True
    assert met["consensus, loss of the objective, all graphs"] is True
    assert met["consensus, miss of a limit, all graphs"] is False
    assert met["published hour, optimum beside the printed costs [%]"] is True
    # 1500 s for five seeds
    assert met["training of one seed [min]"] is True


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert set(verdicts(MicrogridsMeasurement()).values()) == {None}


def test_the_page_says_that_merit_order_is_better(
    microgrids_measurement: MicrogridsMeasurement,
    text_of: Callable[[Page, str], str],
    rows_of: RowsOf,
) -> None:
    whole = page(microgrids_measurement)
    assert "as good as the policies or better (0.90 % against 1.20 %" in text_of(
        whole, "Goals"
    )
    rows = {row["decided by"]: row for row in rows_of(whole, "2 held-out days")}
    safe = rows["learned policies with safety step"]
    assert safe["gap [%]"] == "0.950"
    assert safe["broken as decided [%]"] == "1.000"
    assert safe["gap over seeds [%]"].startswith("0.700 to 1.200")
    assert "300 s a seed" in text_of(whole, "Training")
    (ring,) = rows_of(whole, "Consensus")
    assert (ring["median"], ring["most"]) == ("350", "900")


def test_pieces_hold_every_day_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = days_module._pieces(Options(days=12))
    seeds = [piece["seed"] + k for piece in pieces for k in range(piece["days"])]
    assert seeds == list(range(12))
    assert max(piece["days"] for piece in pieces) == PIECE_DAYS
    assert play_days(Options(days=0), print) == []


def test_a_score_counts_steps_and_times() -> None:
    steps = pd.DataFrame(
        {
            "day": 7,
            "decider": ["central", "central", "merit-safe", "merit-safe"],
            "policy": -1,
            "proposed_violations": [0, 0, 5, 0],
            "violations": 0,
            "proposed_miss_pu": [0.0, 0.0, 0.02, 0.0],
            "voltage_miss_pu": 0.0,
            "loading_pct": [90.0, 100.0, 80.0, 70.0],
            "touched": [False, False, True, False],
            "decision_ms": [500.0, 0.0, 1.0, 1.0],
            "guard_ms": [0.0, 0.0, 20.0, 2.0],
        }
    )
    bills = pd.DataFrame(
        {
            "day": 7,
            "decider": ["central", "merit-safe"],
            "policy": -1,
            "microgrid": "a",
            "cost_usd": [100.0, 103.0],
            "stored_gain_usd": [0.0, 1.0],
        }
    )
    central, merit = scores_of({"steps": steps, "bills": bills})
    assert (central.gap_pct, central.day_s) == (0.0, 0.5)
    assert merit.gap_pct == pytest.approx(2.0)
    assert (merit.proposed_broken, merit.projections) == (1, 1)
    assert merit.safe_decision_ms == 12.0


def test_agents_come_close_to_the_central_solution_on_every_graph() -> None:
    rows = measure_graphs(2, lambda _: None)
    assert [row.graph for row in rows] == ["ring", "star", "complete"]
    for row in rows:
        assert row.settled == row.instances == 2
        assert row.objective_loss < 1e-3
        assert row.limit_miss < 1e-3
