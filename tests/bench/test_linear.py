"""What the error page of the linear models says: errors as measured, winners by the figures, what was left out and why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.bench.linear.measure import Row, run, with_pv
from tieline.bench.linear.page import page
from tieline.cli.main import main
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.linear import ModelError

ERROR = ModelError(0.0123, 0.004, 1234.5, 67.8, 9.1, 2.3, 0.031, 0.012, 5)


def row(model: str, **changes: float) -> Row:
    error = replace(ERROR, **changes)
    return Row(
        "small", model, error, 0.05 if model != "lindistflow" else None, 0.95, 1.01, 2000.0, 40.0
    )


def test_page_of_a_made_up_measurement() -> None:
    rows = [
        row("lpf"),
        row("lindistflow", rms_voltage_pu=0.003),
        row("dc", rms_loss_kw=30.0),
        Row("ring", "lindistflow", left_out="a loop"),
    ]
    text = page(rows, 5, "tieline bench linear")
    assert "5 scenarios per feeder: each load from 30 to 100 % of nominal" in text
    assert "| small | 0.950 to 1.010 | 2,000 | 40.0 |" in text
    assert "| small | LPF | 0.0123 | 0.0040 | 1,234.5 | 67.8 | 9.1 | 2.3 |" in text
    assert (
        "voltage LinDistFlow (1); flow LPF (1), LinDistFlow (1), DC (1); loss LPF (1), LinDistFlow (1)."
        in text
    )
    assert "| small | LinDistFlow | 0.0310 | 0.0120 |  |" in text
    assert "- ring, LinDistFlow: a loop" in text


def test_page_without_a_contest() -> None:
    text = page([row("lindistflow")], 5, "tieline bench linear")
    assert "none is compared" in text
    assert "Left out" not in text


def test_range_is_what_the_page_says() -> None:
    feeder = with_pv(load_feeder("ieee33"))
    assert len(feeder.pvs) == 11  # of 32 loads the 1st, 4th, ...
    assert sum(pv.rated_kw for pv in feeder.pvs) == pytest.approx(feeder.peak_load_kw)


def test_models_of_a_feeder_with_and_without_phases() -> None:
    rows = run([two_bus(), random_feeder(0, 6)], seed=0, n_scenarios=4)
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
    meshed = feeder.replace(lines=tuple(replace(line, closed=True) for line in feeder.lines))
    left_out = {r.model: r.left_out for r in run([meshed], seed=0, n_scenarios=2)}
    assert "meshed" in left_out["lindistflow"]
    assert left_out["lpf"] == left_out["dc"] == ""


def test_no_scenario_is_refused() -> None:
    with pytest.raises(InputError, match="at least 1; got 0"):
        run([two_bus()], seed=0, n_scenarios=0)


def test_command_writes_page_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = tmp_path / "errors.md", tmp_path / "errors.json"
    arguments = [
        "bench",
        "linear",
        "ieee33",
        "--scenarios",
        "3",
        "--page",
        str(files[0]),
        "--out",
        str(files[1]),
    ]
    assert main(arguments) == 0
    assert "lindistflow" in capsys.readouterr().out
    assert "tieline bench linear ieee33 --scenarios 3 --page errors.md" in files[0].read_text()
    data = json.loads(files[1].read_text())
    assert [r["model"] for r in data["rows"]] == ["lpf", "lindistflow", "dc"]
    assert (
        f"| ieee33 | DC | {data['rows'][2]['error']['max_voltage_pu']:.4f} |"
        in files[0].read_text()
    )


def test_page_in_a_folder_that_does_not_exist(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "linear", "ieee33", "--page", str(tmp_path / "none" / "page.md")]) == 2
    assert "cannot be written" in capsys.readouterr().err
