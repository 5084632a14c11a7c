"""What the page says of times, costs and limits, and that the command writes what it measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from builders import two_bus
from tieline.bench.kit.markdown import Page
from tieline.bench.kit.peers import CannotRun
from tieline.bench.opf.measure import OpfTimes
from tieline.bench.opf.page import page
from tieline.cli.main import main
from tieline.feeders import save_tables

RowsOf = Callable[[Page, str], list[dict[str, str]]]
TextOf = Callable[[Page, str], str]


def without(measured: OpfTimes, program: str) -> OpfTimes:
    """The same where a program did not answer."""
    (case,) = measured.cases
    speeds = tuple(times for times in case.speeds if times.program != program)
    return OpfTimes(measured.seed, (replace(case, speeds=speeds),))


def test_times_are_in_milliseconds_and_empty_where_a_program_cannot_go_on(
    opf_times: OpfTimes, rows_of: RowsOf
) -> None:
    lp, nlp, peer = rows_of(page(opf_times), "Time")
    assert (lp["cold [ms]"], lp["warm [ms]"], lp["rounds"]) == ("50", "20", "4 / 2")
    assert (nlp["cold [ms]"], nlp["warm [ms]"], nlp["rounds"]) == ("500", "4", "")
    assert (peer["cold [ms]"], peer["warm [ms]"]) == ("1,500", "")


def test_costs_are_held_against_the_nlp_or_without_it_the_lp(
    opf_times: OpfTimes, rows_of: RowsOf
) -> None:
    lp, nlp, peer = rows_of(page(opf_times), "Objectives")
    assert lp["against the optimum"] == "+5.0e-04"  # 100.1 / 100.05 - 1
    assert nlp["against the optimum"] == "+0.0e+00"
    assert peer["against the optimum"] == "-1.5e-03"
    lp, _ = rows_of(page(without(opf_times, "NLP")), "Objectives")
    assert lp["against the optimum"] == "+0.0e+00"


def test_without_nlp_and_lp_the_lowest_cost_is_the_measure(opf_times: OpfTimes) -> None:
    (case,) = without(without(opf_times, "NLP"), "LP").cases
    assert case.best_cost == 99.9


def test_a_miss_that_solvers_leave_is_none(
    opf_times: OpfTimes, rows_of: RowsOf
) -> None:
    misses = [
        row["limit missed by [pu]"] for row in rows_of(page(opf_times), "Objectives")
    ]
    assert misses == ["none", "none", "2.0e-03"]  # 0, 5e-7 and 2e-3


def test_who_is_left_out_and_where_derivatives_lose(
    opf_times: OpfTimes, text_of: TextOf
) -> None:
    answer = page(opf_times)
    line = "- pandapower (pandapower is not installed (extra 'bench')): small"
    assert line in text_of(answer, "Objectives")
    sensitivities = text_of(answer, "Sensitivities")
    # 1.5 ms against 6
    assert "Differences are faster for the loss on small." in sensitivities
    assert "for all voltages" not in sensitivities  # 2000 per second against 80 000


def test_command_writes_page_and_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for package in ("casadi", "clarabel", "highspy"):
        pytest.importorskip(package)

    def missing(_: str, package: str) -> None:
        raise CannotRun(f"{package} is not installed (extra 'bench')")

    monkeypatch.setattr("tieline.bench.opf.peers.import_peer", missing)
    monkeypatch.chdir(tmp_path)
    save_tables(two_bus(), Path("tiny"))
    assert main(["bench", "opf", "tiny:1", "--out", "b.json", "--page", "b.md"]) == 0
    printed = capsys.readouterr().out
    assert "DistOPF" not in printed.partition("left out")[0]
    assert "DistOPF (distopf is not installed" in " ".join(printed.split())
    (case,) = json.loads(Path("b.json").read_text())["cases"]
    costs = {times["program"]: times["cost_on_ac"] for times in case["speeds"]}
    assert list(costs) == ["LP", "SOCP", "NLP"]
    assert costs["LP"] == pytest.approx(costs["NLP"], rel=1e-4)
    assert "tieline bench opf tiny:1 --page b.md" in Path("b.md").read_text()


def test_more_generators_than_buses_are_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["bench", "opf", "ieee33:99"]) == 2
    assert "has 32 buses for generators; asked for 99" in capsys.readouterr().err
