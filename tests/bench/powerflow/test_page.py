"""The page judges by the figures: who is compared with whom, what is met, what limits a case, where there is no answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tieline.bench.kit.markdown import Page, Table
from tieline.bench.powerflow.limits import limit_sentence
from tieline.bench.powerflow.measurement import PowerFlowSpeeds
from tieline.bench.powerflow.page import TARGETS, page, summary

RowsOf = Callable[[Page, str], list[dict[str, str]]]
TextOf = Callable[[Page, str], str]


def test_peers_are_compared_with_tieline_and_tieline_with_nobody(
    power_flow_speeds: PowerFlowSpeeds, rows_of: RowsOf
) -> None:
    tieline, peer, *_ = rows_of(page(power_flow_speeds), "Solves per second")
    assert (tieline["program"], tieline["tieline is faster by"]) == ("tieline", "")
    assert tieline["largest difference [pu]"] == ""
    assert (peer["program"], peer["tieline is faster by"]) == (
        "power-grid-model",
        "30.0",
    )
    assert peer["largest difference [pu]"] == "2e-09"
    assert (tieline["scenarios"], peer["scenarios"]) == ("60,000", "12,000")


def test_what_is_left_out_is_said_on_page_and_screen(
    power_flow_speeds: PowerFlowSpeeds, text_of: TextOf
) -> None:
    line = "opendss (opendssdirect.py is not installed (extra 'bench')): ieee33"
    assert f"- {line}" in text_of(page(power_flow_speeds), "Solves per second")
    assert summary(power_flow_speeds).notes == [f"left out: {line}"]
    complete = replace(power_flow_speeds, cases=power_flow_speeds.cases[1:])
    assert "Every program solved every case." in text_of(
        page(complete), "Solves per second"
    )


@pytest.mark.parametrize(
    ("ratio", "floor", "aim"),
    [
        (24.999, "25: **not met**", "40: **not met**"),
        (25.0, "25: met", "40: **not met**"),
        (40.0, "25: met", "40: met"),
    ],
)
def test_a_ratio_at_the_floor_meets_it(
    ratio: float,
    floor: str,
    aim: str,
    power_flow_speeds: PowerFlowSpeeds,
    rows_of: RowsOf,
) -> None:
    case = power_flow_speeds.cases[0]
    speeds = (case.speeds[0], replace(case.speeds[1], tieline_is_faster=ratio))
    measured = replace(power_flow_speeds, cases=(replace(case, speeds=speeds),))
    row = rows_of(page(measured), "Floors and aims")[0]
    assert (row["case"], row["peer"]) == ("ieee33", "power-grid-model")
    assert (row["floor"], row["aim"]) == (floor, aim)


def test_a_target_without_a_measurement_is_not_judged(
    power_flow_speeds: PowerFlowSpeeds, rows_of: RowsOf
) -> None:
    rows = rows_of(page(power_flow_speeds), "Floors and aims")
    assert len(rows) == len(TARGETS)
    (missing,) = [row for row in rows if row["case"] == "ieee8500"]
    assert missing["measured"] == "not measured"
    assert (missing["floor"], missing["aim"]) == (
        "20: not measured",
        "200: not measured",
    )
    (without_aim,) = [
        row for row in rows if row["case"] == "ieee123, regulators acting"
    ]
    assert without_aim["aim"] == "none"


def test_the_nearest_roof_limits_a_case_or_none_does(
    power_flow_speeds: PowerFlowSpeeds,
) -> None:
    cases = power_flow_speeds.cases
    quick, cache, acting = (limit_sentence(case, cases) for case in cases)
    assert quick.startswith("no roof is near (the nearest, cache, is used to 20%)")
    assert "256 scenarios at a time run at 10% of the speed of 60,000" in quick
    assert cache.startswith("loads and stores in cache, at 60% of their peak (300 kB")
    assert "10.0 times as long" in acting  # 400 000 / 40 000 solves per second
    assert "3.0 times the iterations" in acting  # 9.6 / 3.2
    assert "70% of the time" in acting  # 1 - 3 / 10


def test_the_whole_batch_has_a_column_of_its_own(
    power_flow_speeds: PowerFlowSpeeds,
) -> None:
    sections = {section.title: section for section in page(power_flow_speeds).sections}
    _, by_threads = sections["Threads"].blocks
    assert isinstance(by_threads, Table)
    assert by_threads.headings == ["case", "1", "2"]
    _, rates, _, shares, _, goals = sections["Few scenarios in a call"].blocks
    assert isinstance(rates, Table)
    assert isinstance(shares, Table)
    assert isinstance(goals, Table)
    assert rates.headings == ["case", "1", "256", "whole batch"]
    assert rates.rows[0] == ["ieee33", "3,000", "300,000", "3,000,000 (60,000)"]
    assert shares.headings == ["case", "1", "256"]
    assert shares.rows[0] == ["ieee33", "0%", "10%"]
    verdicts = {row[:2]: row[2:] for row in goals.rows}
    assert verdicts["ieee33", "16 scenarios"] == ("20%", "", "not measured")
    assert verdicts["ieee33", "256 scenarios"] == ("60%", "10%", "**not met**")
    assert verdicts["case141", "256 scenarios"] == ("60%", "", "not measured")


def test_single_precision_is_judged(
    power_flow_speeds: PowerFlowSpeeds, rows_of: RowsOf, text_of: TextOf
) -> None:
    answer = page(power_flow_speeds)
    good, lost = rows_of(answer, "float32")
    assert good["iteration in float32 [pu]"] == "2e-06"
    assert lost["iteration in float32 [pu]"] == "no answer"
    text = text_of(answer, "float32")
    assert "single precision is enough: it costs at most 4e-08 pu" in text
    assert (
        "It reaches 1e-08 pu on 0 of 2 feeders and finds no answer at all on 1" in text
    )


def test_cold_start_is_told_only_if_it_was_measured(
    power_flow_speeds: PowerFlowSpeeds, rows_of: RowsOf
) -> None:
    times = [row["time"] for row in rows_of(page(power_flow_speeds), "Cold start")]
    assert times == ["20 ms", "200 ms", "50 ms", "900 ms", "31.0 s", "1.2 s", "33.0 s"]
    without = page(replace(power_flow_speeds, cold_start=None))
    assert "Cold start" not in [section.title for section in without.sections]
