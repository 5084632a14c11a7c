"""What the error page of the linear models says: errors as measured, winners by the figures, what was left out and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.bench.kit.markdown import Page
from tieline.bench.linear.measure import LinearErrors, measure_feeder, with_pv
from tieline.bench.linear.page import page, summary
from tieline.cli.main import main
from tieline.feeders import load_feeder

RowsOf = Callable[[Page, str], list[dict[str, str]]]
TextOf = Callable[[Page, str], str]


def test_errors_stand_under_their_units(
    linear_errors: LinearErrors, rows_of: RowsOf
) -> None:
    answer = page(linear_errors)
    assert (
        "5 scenarios per feeder: each load from 30 to 100 % of nominal" in answer.intro
    )
    lpf, lindistflow, dc = rows_of(answer, "Errors")
    assert [row["model"] for row in (lpf, lindistflow, dc)] == [
        "LPF",
        "LinDistFlow",
        "DC",
    ]
    assert (lpf["voltage [pu], max"], lpf["voltage [pu], rms"]) == ("0.0123", "0.0040")
    assert (lpf["flow [kW], max"], lpf["flow [kW], rms"]) == ("1,234.5", "67.8")
    assert (lpf["loss [kW], max"], lpf["loss [kW], rms"]) == ("9.1", "2.3")


def test_a_model_without_the_papers_formula_has_an_empty_cell(
    linear_errors: LinearErrors, rows_of: RowsOf
) -> None:
    papers = [
        row["papers' formula, max"]
        for row in rows_of(page(linear_errors), "Loss factors")
    ]
    assert papers == ["0.0500", "", "0.0500"]


def test_winners_share_a_place_if_they_are_equal(
    linear_errors: LinearErrors, text_of: TextOf
) -> None:
    text = text_of(page(linear_errors), "Errors")
    assert "voltage LinDistFlow (1);" in text  # 0.003 against 0.004
    assert "flow LPF (1), LinDistFlow (1), DC (1);" in text
    assert "loss LPF (1), LinDistFlow (1)." in text  # DC: 30 against 2.3


def test_a_model_that_could_not_be_built_is_told_with_its_reason(
    linear_errors: LinearErrors, text_of: TextOf
) -> None:
    assert text_of(page(linear_errors), "Left out") == "- LinDistFlow (a loop): ring"
    assert summary(linear_errors).notes == ["left out: LinDistFlow (a loop): ring"]


def test_page_without_a_contest(linear_errors: LinearErrors, text_of: TextOf) -> None:
    alone = replace(linear_errors, rows=linear_errors.rows[1:2])
    assert "none is compared" in text_of(page(alone), "Errors")
    assert "Left out" not in [section.title for section in page(alone).sections]


def test_range_is_what_the_page_says() -> None:
    feeder = with_pv(load_feeder("ieee33"))
    assert len(feeder.pvs) == 11  # of 32 loads the 1st, 4th, ...
    assert sum(pv.rated_kw for pv in feeder.pvs) == pytest.approx(feeder.peak_load_kw)


def test_models_of_a_feeder_with_and_without_phases() -> None:
    rows = [
        row
        for feeder in (two_bus(), random_feeder(0, 6))
        for row in measure_feeder(feeder, 0, 4)
    ]
    assert [(r.feeder, r.model) for r in rows] == [
        ("two-bus", "lpf"),
        ("two-bus", "lindistflow"),
        ("two-bus", "dc"),
        ("random-0", "lindistflow"),
    ]
    assert all(r.error is not None and r.error.n_scenarios == 4 for r in rows)
    assert np.isfinite([r.ac_loss_kw for r in rows if r.ac_loss_kw is not None]).all()


def test_meshed_feeder_leaves_lindistflow_out() -> None:
    feeder = load_feeder("ieee33")
    meshed = feeder.replace(
        lines=tuple(replace(line, closed=True) for line in feeder.lines)
    )
    left_out = {
        r.model: r.left_out for r in measure_feeder(meshed, seed=0, n_scenarios=2)
    }
    assert "meshed" in left_out["lindistflow"]
    assert left_out["lpf"] == left_out["dc"] == ""


def test_command_writes_page_and_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    files = ["--page", "errors.md", "--out", "errors.json"]
    assert main(["bench", "linear", "ieee33", "--scenarios", "3", *files]) == 0
    assert "lindistflow" in capsys.readouterr().out
    text = Path("errors.md").read_text()
    assert "tieline bench linear ieee33 --scenarios 3 --page errors.md" in text
    rows = json.loads(Path("errors.json").read_text())["rows"]
    assert [row["model"] for row in rows] == ["lpf", "lindistflow", "dc"]
    assert f"| ieee33 | DC | {rows[2]['error']['max_voltage_pu']:.4f} |" in text
