"""Runs of an hour: the published numbers, what adds up, what is saved, resumed and repeated, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tieline import Result, load_run, run_study
from tieline.cli.main import main
from tieline.errors import NoAnswerError
from tieline.studies.answer import Tell
from tieline.studies.catalogue import find_study
from tieline.studies.microgrids import study
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.decide import Panel
from tieline.studies.shell import open_run

PAPER_USD = (22.123, 22.339, 20.796, 26.378, 23.061)
"""Table II of the article, central."""


def test_the_central_optimum_costs_what_the_article_prints(paper_hour: Result) -> None:
    costs = [paper_hour.number(f"cost_usd_mg{k}_central") for k in range(1, 6)]
    assert costs == pytest.approx(PAPER_USD, rel=1e-3)
    assert paper_hour.number("cost_usd_central") == pytest.approx(sum(costs))
    assert paper_hour.metrics["violations_central"] == 0


def test_merit_order_is_cheap_and_the_safety_step_keeps_limits(
    paper_hour: Result,
) -> None:
    metrics = paper_hour.metrics
    assert 0 < paper_hour.number("cost_gap_pct_merit") < 0.3
    assert paper_hour.number("violations_merit") > 0
    assert metrics["violations_merit_safe"] == 0
    assert metrics["projections_merit_safe"] == 4
    assert metrics["proposed_steps_pct_merit_safe"] == 100.0
    # set-points farther from the optimum of money
    assert paper_hour.number("cost_gap_pct_merit_safe") > 0


def test_energy_of_a_microgrid_adds_up_to_its_losses(paper_hour: Result) -> None:
    rows = paper_hour.tables["microgrids"]
    given_kw = rows.pv_kw + rows.generator_kw + rows.battery_kw
    lost_kw = given_kw - rows.load_kw - rows.export_kw
    assert (lost_kw > 0).all()
    assert (lost_kw < 0.05 * rows.load_kw).all()


def test_a_bill_is_the_sum_of_its_steps(paper_hour: Result) -> None:
    rows = paper_hour.tables["microgrids"]
    by_microgrid = rows.groupby(["decider", "microgrid"]).cost_usd.sum()
    bills = paper_hour.tables["bills"].set_index(["decider", "microgrid"])
    np.testing.assert_allclose(bills.cost_usd, by_microgrid.loc[bills.index])
    steps = paper_hour.tables["steps"].groupby("decider").cost_usd.sum()
    np.testing.assert_allclose(steps, bills.cost_usd.groupby("decider").sum())


def test_rewards_of_the_peak_are_those_of_the_article_s_cases(
    peak_hour: Result,
) -> None:
    rewards = [peak_hour.number(f"reward_case{k}_central") for k in (1, 2, 3)]
    assert rewards == pytest.approx((-85.52, -75.55, -57.90), rel=2.5e-3)
    metrics = peak_hour.metrics
    assert metrics["violations_local_central"] == 0
    # two microgrids, then five, in four steps each
    assert metrics["violations_local_unconstrained_some"] == 8
    assert metrics["violations_local_unconstrained_generators"] == 20
    assert metrics["violations_unconstrained_generators"] == 0
    assert peak_hour.number("violation_max_pu_unconstrained") == pytest.approx(
        0.028, abs=5e-4
    )


def test_a_run_folder_reports_and_repeats(paper_hour: Result, tmp_path: Path) -> None:
    paper_hour.save(tmp_path / "first")
    kept = load_run(tmp_path / "first")
    assert kept.config == paper_hour.config
    page = (tmp_path / "first" / "report.html").read_bytes()
    kept.write_report(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page
    assert main(["report", str(tmp_path / "first")]) == 0


def test_an_interrupted_run_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = MicrogridsConfig(case="paper-window", deciders=("merit", "rule"))
    microgrids = find_study("microgrids")
    played: list[str] = []
    decide = Panel.decide

    def until_second(panel: Panel, name: str, *rest: Any) -> Any:
        if played:
            raise KeyboardInterrupt
        played.append(name)
        return decide(panel, name, *rest)

    monkeypatch.setattr(Panel, "decide", until_second)
    with (
        pytest.raises(KeyboardInterrupt),
        open_run(microgrids, asked, tmp_path / "run") as run,
    ):
        run.answer()

    def to_the_end(panel: Panel, name: str, *rest: Any) -> Any:
        played.append(name)
        return decide(panel, name, *rest)

    monkeypatch.setattr(Panel, "decide", to_the_end)
    with open_run(microgrids, asked, tmp_path / "run", may_resume=True) as run:
        resumed = run.answer()
    assert played == ["merit", "rule"]
    monkeypatch.undo()
    whole = run_study("microgrids", config=asked)
    timed = {name for name in whole.metrics if "ms" in name.split("_")}
    for name in whole.metrics.keys() - timed:
        assert resumed.metrics[name] == whole.metrics[name]


def test_held_out_days_differ_and_are_those_of_their_seeds() -> None:
    asked: dict[str, Any] = {"case": "held-out", "deciders": ("rule",)}
    two = run_study("microgrids", days=2, seed=5, **asked)
    assert list(two.tables["steps"].day.unique()) == [2**32 + 5, 2**32 + 6]
    later = run_study("microgrids", days=1, seed=6, **asked)
    of_day = two.tables["bills"].set_index("day").cost_usd.loc[2**32 + 6]
    np.testing.assert_array_equal(of_day, later.tables["bills"].cost_usd)
    assert any("there are no gaps" in text for text in two.warnings)


def test_a_day_without_an_answer_does_not_end_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days: list[Any] = []

    def second_cannot_begin(plant: Any, day: Any) -> None:
        days.append(day)
        if len(days) == 2:
            raise NoAnswerError("Bus x is too low.")

    monkeypatch.setattr(study, "require_start", second_cannot_begin)
    result = run_study(
        "microgrids",
        case="held-out",
        days=3,
        deciders=("rule",),
        step_minutes=60,
    )
    assert list(result.tables["steps"].day.unique()) == [2**32, 2**32 + 2]
    assert result.metrics["cases_unjudged"] == 24
    assert result.number("unjudged_pct") == pytest.approx(100 / 3)
    assert f"1 day ({2**32 + 1}). The first: Bus x" in result.warnings[-1]


def test_what_was_not_asked_is_said_and_not_measured() -> None:
    feeder = find_study("microgrids").config_model().feeder
    result = run_study("microgrids", feeder=feeder, deciders=("rule",))
    # nor are policies read of which nobody is told
    assert not {"train_s", "consensus_rounds"} & result.metrics.keys()
    assert not any("policies" in text for text in result.warnings)
    assert any(
        text.startswith("Not asked: central, central-windows")
        for text in result.warnings
    )


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        (["--deciders", "merti"], 2, "Did you mean 'merit'"),
        (["--time-zone", "Foo/Bar"], 2, "time zone 'Foo/Bar' is not known"),
        (["--graph", "1-2"], 2, "The graph is not connected"),
        (["--graph-weights", "0.5,0.5;0.5,0.5"], 2, "each pair of 5 agents"),
        (
            ["--deciders", "rule", "--policy", "mine"],
            2,
            "only decider safe asks policies",
        ),
        (["--feeder", "ieee33"], 2, "has no transformer or line called NAME_pcc"),
        (
            ["--case", "paper-window", "--feeder", "ieee33", "--pccs", "branch_25"],
            2,
            "states the loads of 5 microgrids",
        ),
        (
            ["--case", "paper-window", "--window-steps", "5"],
            2,
            "looks beyond the data",
        ),
        (
            ["--case", "peak-window", "--lowest-pu", "1.04", "--deciders", "central"],
            3,
            "voltage",
        ),
    ],
)
def test_what_cannot_be_answered(
    flags: list[str],
    code: int,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["run", "microgrids", *flags, "--out", str(tmp_path / "run")]
    assert main(asked) == code
    assert message in " ".join(capsys.readouterr().err.split())


def test_it_tells_how_far_it_is(plant: Any) -> None:
    said: list[str] = []
    config = MicrogridsConfig(case="peak-window", deciders=("merit", "rule"))
    tell = Tell(lambda done, total, text: said.append(f"{done}/{total} {text}"))
    study.answer(plant.network.feeder, config, tell)
    assert said == [
        "0/1 feeder and days",
        "0/2 day 1: merit order",
        "1/2 day 1: rule by time of use",
    ]
