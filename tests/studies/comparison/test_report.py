"""Runs side by side: what is told is what differs, and nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.studies import run_study
from tieline.studies.comparison.content import comparison_content
from tieline.studies.comparison.differences import (
    limit_table,
    metric_table,
    setting_table,
)
from tieline.studies.comparison.feeders import feeder_table
from tieline.studies.comparison.report import comparison, write_comparison
from tieline.studies.comparison.runs import read_runs, short_names


def saved(name: str, feeder: Feeder | None = None, **asked: Any) -> Path:
    run_study("interval", feeder or two_bus(), **{"draws": 0, **asked}).save(name)
    return Path(name)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_runs_of_the_same_question_have_no_difference() -> None:
    runs = read_runs([saved("a"), saved("b")])
    assert metric_table(runs).empty
    assert setting_table(runs).empty
    assert "the same question and the same answer" in comparison(runs).headline.title


def test_settings_metrics_and_limits_that_differ_stand_side_by_side() -> None:
    runs = read_runs([saved("a"), saved("b", load_pct=50.0, lowest_pu=1.01)])
    settings = setting_table(runs).set_index("setting")
    assert settings.index.tolist() == ["load_pct", "lowest_pu"]
    assert settings["a"]["load_pct"] == "100"
    assert settings["b"]["load_pct"] == "50"
    metrics = metric_table(runs).set_index("metric")
    first, second = (run.number("loss_centre_kw") for run in runs.values())
    told = str(metrics.loc["loss_centre_kw", "difference"]).replace("\u2212", "-")
    assert float(told) == pytest.approx(second - first, rel=1e-3)
    (limit,) = limit_table(runs).to_dict("records")
    assert (limit["a"], limit["b"]) == ("-", "breaks")
    content = comparison_content(runs)
    assert content["settings"]["lowest_pu"]["b"] == 1.01
    assert content["metrics"]["loss_centre_kw"] == {"a": first, "b": second}
    assert content["broken_limits"] == {limit["limit"]: ["b"]}
    assert content["feeder_elements"] == []


def test_an_edited_feeder_is_told_by_its_elements() -> None:
    feeder = two_bus()
    (load, *others) = feeder.loads
    heavier = dataclasses.replace(load, p_kw=2 * load.p_kw)
    edited = feeder.replace(loads=(heavier, *others))
    runs = read_runs([saved("a", feeder), saved("b", edited)])
    (row,) = feeder_table(runs).to_dict("records")
    assert (row["kind"], row["changed"], row["only_here"]) == ("loads", 1, 0)
    (element,) = comparison_content(runs)["feeder_elements"]
    counts = {"only_first": 0, "only_here": 0, "changed": 1}
    assert element == {"run": "b", "kind": "loads", **counts}
    page = Path("page.html")
    write_comparison(page, runs)
    assert runs["b"].feeder_sha256 in page.read_text(encoding="utf-8")


def test_a_title_stands_behind_the_counts() -> None:
    feeder = two_bus()
    (load, *others) = feeder.loads
    heavier = dataclasses.replace(load, p_kw=2 * load.p_kw)
    edited = feeder.replace(title="another", loads=(heavier, *others))
    runs = read_runs([saved("a", feeder), saved("b", edited)])
    table = feeder_table(runs)
    assert table.columns[-1] == "values"
    (text,) = table[table["kind"] == "title"]["values"]
    assert text == f"{feeder.title}; here another"


def test_runs_of_different_studies_are_refused_by_name() -> None:
    other = run_study("transfer-capability", two_bus(), trm="fraction")
    other.save("b")
    with pytest.raises(InputError, match="'a' is interval, 'b' is transfer-capability"):
        read_runs([saved("a"), Path("b")])


@pytest.mark.parametrize(
    ("count", "message"), [(1, "two run folders or more"), (2, "given twice")]
)
def test_one_run_is_nothing_to_compare(count: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_runs([saved("a")] * count)


def test_names_are_as_short_as_tells_them_apart() -> None:
    paths = [Path("/x/one/run"), Path("/x/two/run")]
    assert short_names(paths) == ["one/run", "two/run"]
