"""The page of the reserve study: goals judged as printed, what is learned told over its seeds, baselines beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tieline.bench.kit.markdown import Page
from tieline.bench.reserve.measure import ReserveTrainings, goals, tell_rounded
from tieline.bench.reserve.page import page

RowsOf = Callable[[Page, str], list[dict[str, str]]]


def test_goals_are_judged_as_the_published_numbers_are_printed(
    reserve_trainings: ReserveTrainings,
) -> None:
    verdicts = [goal.is_met for goal in goals(reserve_trainings.default)]
    # 1.004 is 1.00 as printed; gaps 0.2 and 0.3 of 0.5, 0.1 ms of 0.2; 61 s of training are above 60
    assert verdicts == [True] * 9 + [False]


@pytest.mark.parametrize(("measured", "is_met"), [(1.0049, True), (1.006, False)])
def test_more_than_half_a_last_place_above_the_published_is_missed(
    measured: float, is_met: bool, reserve_trainings: ReserveTrainings
) -> None:
    result = reserve_trainings.default
    changed = replace(result, metrics={**result.metrics, "cost_usd_case1": measured})
    assert goals(changed)[0].is_met is is_met


def test_what_rounding_decides_is_said(reserve_trainings: ReserveTrainings) -> None:
    """1.004 is above 1, and not in the two decimals that are printed."""
    sentences = tell_rounded(reserve_trainings.default)
    assert len(sentences) == 6
    assert "1.0040 against 1.0000" in sentences[0]


def test_printed_figures_stand_beside_those_of_the_same_allocations(
    reserve_trainings: ReserveTrainings, rows_of: RowsOf
) -> None:
    first = rows_of(page(reserve_trainings), "As printed")[0]
    assert (first["loss, printed [kW]"], first["deviation, printed [%]"]) == (
        "114.18",
        "2.70",
    )
    assert first["here"] == "1.00"


def test_what_is_learned_is_told_over_its_seeds_beside_rules_that_have_none(
    reserve_trainings: ReserveTrainings, rows_of: RowsOf
) -> None:
    learned, rule, *_ = rows_of(page(reserve_trainings), "Unseen requests")
    assert (learned["split by"], rule["split by"]) == ("learned policy", "by capacity")
    assert (learned["mean gap [%]"], learned["worst [%]"]) == ("0.200", "1.500")
    assert learned["mean gap over seeds [%]"] == "0.100 to 0.300, std 0.100, 2 seeds"
    assert (rule["mean gap [%]"], rule["mean gap over seeds [%]"]) == ("5.000", "")


def test_what_does_not_depend_on_the_setting_stands_once(
    reserve_trainings: ReserveTrainings, rows_of: RowsOf
) -> None:
    rows = rows_of(page(reserve_trainings), "The published cases")
    ways = [(row["split by"], row["setting"]) for row in rows]
    assert ways.count(("by capacity", "")) == 1
    settings = list(reserve_trainings.results)
    assert [setting for way, setting in ways if way == "learned policy"] == settings
    assert [setting for way, setting in ways if way == "optimum (search)"] == settings


def test_training_is_told_with_seeds_and_time(
    reserve_trainings: ReserveTrainings, rows_of: RowsOf
) -> None:
    row = rows_of(page(reserve_trainings), "Training")[0]
    assert (row["seeds"], row["steps each"], row["all together [s]"]) == (
        "2",
        "64",
        "61.0",
    )
    # -2 and -3
    assert (row["final return"], row["std over seeds"]) == (
        "-2.50",
        "0.500",
    )
