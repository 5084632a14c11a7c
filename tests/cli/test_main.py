"""The command line on good and bad input: exit codes, one clear message, no traceback, nothing half-written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from builders import two_bus
from tieline.cli.main import main
from tieline.feeders import save_tables

QUICK = ["run", "hosting-capacity", "--deployments", "3", "--max-pct", "20"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 2) -> str:
    """The message of a command that must fail, having written nothing."""
    before = set(Path().rglob("*"))
    assert main(list(arguments)) == code
    message = capsys.readouterr().err
    assert message.startswith("tieline: ") or "\ntieline: " in message
    assert "Traceback" not in message
    assert set(Path().rglob("*")) == before
    return message


def test_a_run_writes_its_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK, "--feeder", "ieee13", "--seed", "5", "--out", "run"]) == 0
    printed = capsys.readouterr().out
    result = json.loads(Path("run/result.json").read_text())
    told = {
        "study",
        "version",
        "seed",
        "wall_s",
        "machine",
        "config",
        "metrics",
        "warnings",
    }
    assert set(result) == told | {"date", "feeder_sha256", "files", "sha256"}
    assert (result["study"], result["seed"], result["config"]["deployments"]) == (
        "hosting-capacity",
        5,
        3,
    )
    assert {path.name for path in Path("run").iterdir()} >= {
        "config.toml",
        "result.json",
        "levels.parquet",
        "report.html",
    }
    levels_pct = pd.read_parquet("run/levels.parquet")["level_pct"].tolist()
    # beyond what was asked for the range grows until something breaks
    assert levels_pct[:3] == [0, 10, 20]
    assert printed.startswith("Hosting capacity of ieee13: ")
    assert str(Path("run/report.html")) in printed


def test_a_run_can_be_run_again_from_its_own_configuration() -> None:
    assert main([*QUICK, "--feeder", "ieee13", "--out", "first"]) == 0
    assert (
        main(
            [
                "run",
                "hosting-capacity",
                "--config",
                "first/config.toml",
                "--out",
                "again",
            ]
        )
        == 0
    )
    first, again = (
        json.loads(Path(f"{name}/result.json").read_text())
        for name in ("first", "again")
    )
    del first["metrics"]["power_flows_per_s"], again["metrics"]["power_flows_per_s"]
    assert (first["config"], first["metrics"]) == (again["config"], again["metrics"])


def test_flags_go_before_the_configuration_file() -> None:
    Path("c.toml").write_text('feeder = "ieee13"\ndeployments = 2\nmax_pct = 500.0\n')
    assert (
        main(
            [
                "run",
                "hosting-capacity",
                "--config",
                "c.toml",
                "--max-pct",
                "10",
                "--out",
                "run",
            ]
        )
        == 0
    )
    config = json.loads(Path("run/result.json").read_text())["config"]
    assert (config["feeder"], config["deployments"], config["max_pct"]) == (
        "ieee13",
        2,
        10.0,
    )


def test_a_run_folder_is_replaced_by_a_newer_run() -> None:
    for seed in ("1", "2"):
        assert main([*QUICK, "--seed", seed, "--out", "run", "--force"]) == 0
    assert json.loads(Path("run/result.json").read_text())["seed"] == 2
    assert [path.name for path in Path().iterdir()] == ["run"]


def test_a_question_without_an_answer_ends_with_3_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Loads in kW where shares of nominal are asked for: no case has a power flow."""
    rows = "\n".join(f"2025-06-21T{hour:02d}:00-06:00,3715" for hour in range(24))
    Path("kw.csv").write_text(f"time,load\n{rows}\n")
    day = ["--time", "profiles", "--step-minutes", "60", "--load-table", "kw.csv"]
    assert main([*QUICK, "--feeder", "ieee33", *day, "--out", "run"]) == 3
    assert "No case could be judged" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["kw.csv"]


def interrupt_after(monkeypatch: pytest.MonkeyPatch, shards: int) -> None:
    """Press Ctrl-C when that many shards are solved."""
    from tieline.studies.hosting_capacity.solving import engine

    solve, solved = engine.solve_shard, []

    def interrupted(setting: Any, shard: Any) -> Any:
        if len(solved) == shards:
            raise KeyboardInterrupt
        solved.append(shard)
        return solve(setting, shard)

    monkeypatch.setattr(engine, "solve_shard", interrupted)


def test_an_interrupted_run_goes_on_to_the_same_answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = [
        "run",
        "hosting-capacity",
        "--feeder",
        "ieee13",
        "--deployments",
        "80",
        "--step-pct",
        "50",
    ]
    assert main([*long, "--out", "whole"]) == 0
    with monkeypatch.context() as patch:
        interrupt_after(patch, shards=2)
        assert main([*long, "--out", "run"]) == 130
    assert "--resume" in capsys.readouterr().err
    assert sorted(path.name for path in Path("run").iterdir()) == ["unfinished"]
    assert "unfinished run" in refused(capsys, *long, "--out", "run")
    assert "different: seed" in refused(
        capsys, *long, "--out", "run", "--resume", "--seed", "1"
    )
    with monkeypatch.context() as patch:
        interrupt_after(patch, shards=2)  # 80 deployments are four shards: two are left
        assert main(["run", "hosting-capacity", "--out", "run", "--resume"]) == 0
    assert {path.name for path in Path("run").iterdir()} == {
        path.name for path in Path("whole").iterdir()
    }
    for table in Path("whole").glob("*.parquet"):
        assert pd.read_parquet(table).equals(
            pd.read_parquet(Path("run") / table.name)
        ), table.name
    whole, resumed = (
        json.loads(Path(f"{name}/result.json").read_text()) for name in ("whole", "run")
    )
    del whole["metrics"]["power_flows_per_s"], resumed["metrics"]["power_flows_per_s"]
    assert (whole["metrics"], whole["config"]) == (
        resumed["metrics"],
        resumed["config"],
    )


def test_resume_needs_something_to_go_on_with(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "Give it with --out" in refused(capsys, *QUICK, "--resume")
    assert "nothing to resume" in refused(capsys, *QUICK, "--out", "run", "--resume")
    assert main([*QUICK, "--out", "run"]) == 0
    assert "its run is complete" in refused(capsys, *QUICK, "--out", "run", "--resume")


def test_interrupting_before_anything_is_finished_leaves_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(monkeypatch, shards=0)
    assert main([*QUICK, "--out", "run"]) == 130
    assert "nothing was written" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_report_is_written_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK, "--out", "run"]) == 0
    Path("run/report.html").unlink()
    assert main(["report", "run"]) == 0
    assert Path("run/report.html").stat().st_size > 10_000


def test_solve_prints_totals_and_writes_tables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (
        main(["solve", "ieee13", "--load-model", "opendss-band", "--out", "tables"])
        == 0
    )
    assert "3567.050 kW" in capsys.readouterr().out
    assert pd.read_csv("tables/nodes.csv")["v_pu"].between(0.9, 1.1).all()
    assert pd.read_csv("tables/taps.csv")["tap"].tolist() == [9, 6, 9]


def test_a_script_says_which_frequency_it_states_for_a_feeder_without(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["feeders", "convert", "ieee33", "copy.dss"]) == 0
    assert "states the frequency of ieee33" in capsys.readouterr().out
    assert main(["feeders", "convert", "ieee13", "other.dss"]) == 0
    assert "frequency" not in capsys.readouterr().out


def test_a_feeder_is_not_written_to_a_folder_named_like_a_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = refused(capsys, "feeders", "convert", "ieee13", "copy.csv")
    assert ".dss (OpenDSS)" in said
    assert not Path("copy.csv").exists()


def test_feeders_lists_shows_and_converts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feeders"]) == 0
    assert "case33bw" in capsys.readouterr().out
    assert main(["feeders", "show", "ieee13"]) == 0
    assert "3466.0" in capsys.readouterr().out
    assert main(["feeders", "convert", "ieee13", "copy"]) == 0
    assert main(["solve", "copy"]) == 0
    assert main(["feeders", "convert", "ieee13", "copy.dss"]) == 0
    assert main(["solve", "copy.dss"]) == 0
    assert "exists" in refused(capsys, "feeders", "convert", "ieee13", "copy.dss")
    assert "cannot be written" in refused(
        capsys, "feeders", "convert", "ieee13", "absent/copy.dss"
    )


def test_feeders_composes_from_a_template(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feeders", "template", "ieee33-microgrids", "mine.toml"]) == 0
    assert main(["feeders", "compose", "mine.toml", "--out", "mine"]) == 0
    said = capsys.readouterr().out
    assert "98 buses" in said
    assert "COMPOSE.SOURCE_DROPPED" in said
    assert main(["feeders", "show", "mine"]) == 0
    assert "5415.0" in capsys.readouterr().out
    assert "exists" in refused(
        capsys, "feeders", "template", "ieee33-microgrids", "mine.toml"
    )
    assert "ieee33-microgrids" in refused(
        capsys, "feeders", "template", "ieee33", "x.toml"
    )


def test_unknown_names_offer_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'ieee123'" in refused(capsys, "solve", "ieee132")
    assert "hosting-capacity" in refused(capsys, "run", "hosting-capacit")
    assert "--deployments" in refused(
        capsys, "run", "hosting-capacity", "--deployment", "3"
    )
    assert "feeders" in refused(capsys, "feeder")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--feeder", "absent.dss"], "does not exist"),
        (["--feeder", "absent.m"], "does not exist"),
        (["--feeder", "absent.json"], "does not exist"),
        (["--step-pct", "-10"], "--step-pct must be"),
        (["--max-pct", "-5"], "--max-pct must be"),
        (["--max-pct", "nan"], "--max-pct must be"),
        (["--deployments", "many"], "deployments"),
        (["--placement", "closest"], "placement"),
        (["--step-pct", "0"], "--step-pct must be"),
        (["--seed", "1.5"], "--seed must be a whole number; got '1.5'"),
        (["--lowest-pu", "1.1"], "no voltage would be allowed"),
        (["--line-pct", "many"], "line-pct"),
        (["--engine", "ray", "--ray-address", "127.0.0.1:1"], "127.0.0.1:1"),
        (["--highest-pu", "1.0", "--impacted-pu", "1.04"], "--impacted-pu"),
        (["--config", "absent.toml"], "does not exist"),
        (["--seed", "-1"], "seed"),
    ],
)
def test_bad_flags_are_named(
    capsys: pytest.CaptureFixture[str], flags: list[str], expected: str
) -> None:
    assert expected in refused(capsys, "run", "hosting-capacity", *flags)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("broken.dss", "new circuit.c\nnew nonsense.x\n", "line 2"),
        ("empty.dss", "! nothing\n", "defines no circuit"),
        (
            "broken.m",
            "mpc.bus = [\n1 2 3\n];\n",
            "there is no mpc.gen, mpc.branch, mpc.baseMVA",
        ),
        ("empty.m", "", "there is no mpc.bus"),
        ("broken.json", "{", "broken.json"),
        ("notes.txt", "hello", "not a kind of feeder file"),
    ],
)
def test_malformed_files_are_named(
    capsys: pytest.CaptureFixture[str], name: str, text: str, expected: str
) -> None:
    Path(name).write_text(text)
    assert expected in refused(capsys, "solve", name)


def test_all_problems_of_a_feeder_are_listed_together(
    capsys: pytest.CaptureFixture[str],
) -> None:
    import dataclasses

    feeder = two_bus()
    far = dataclasses.replace(feeder.loads[0], nodes=(3, 0), p_kw=float("nan"))
    save_tables(feeder.replace(loads=(far,), sources=feeder.sources * 2), Path("bad"))
    message = refused(capsys, "solve", "bad")
    assert "phase 3" in message
    assert "source" in message.lower()
    assert message.count("\n  [") >= 3


@pytest.mark.skipif(
    os.geteuid() != 0 and not Path("/proc").exists(),
    reason="needs a place nobody can write to",
)
def test_unwritable_and_foreign_folders_are_refused_before_any_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "cannot be written" in refused(capsys, *QUICK, "--out", "/proc/run")
    Path("taken").mkdir()
    Path("taken/thesis.tex").write_text("years of work")
    assert "not empty" in refused(capsys, *QUICK, "--out", "taken")
    Path("file").write_text("")
    assert "is a file" in refused(capsys, *QUICK, "--out", "file")


def test_a_folder_that_is_no_run_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    assert "not a run folder" in refused(capsys, "report", "empty")
    assert "not a run folder" in refused(capsys, "report", "absent")
    Path("empty/result.json").write_text("{}")
    assert "not what a run of tieline wrote" in refused(capsys, "report", "empty")


def test_a_power_flow_without_solution_ends_with_3(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "Reduce the load" in refused(
        capsys, "solve", "ieee33", "--load-pct", "1000", code=3
    )


def test_load_pct_must_be_a_number_of_at_least_zero(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for value in ("-1", "nan", "inf"):
        assert "load-pct" in refused(capsys, "solve", "ieee33", "--load-pct", value)


@pytest.mark.parametrize(
    ("study", "flags", "expected"),
    [
        ("interval", ["--controls", "feeder"], "'feeder' is now called 'hold'"),
        ("hosting-capacity", ["--controls", "no-pv"], "'no-pv' is now called 'hold'"),
        (
            "optimal-power-flow",
            ["--limits", "thesis"],
            "is now called 'high-voltage-only'",
        ),
        (
            "optimal-power-flow",
            ["--limits", "en5016"],
            "--limits must be 'standard', 'high-voltage-only'",
        ),
        ("interval", ["--order", "3"], "--order must be 1 or 2; got 3"),
        ("interval", ["--load-model", "zap"], "'opendss-band'; got 'zap'"),
        ("reserve", ["--currency", "eur"], "Did you mean 'EUR'"),
    ],
)
def test_a_word_that_no_flag_takes_is_answered_with_those_it_takes(
    capsys: pytest.CaptureFixture[str], study: str, flags: list[str], expected: str
) -> None:
    assert expected in refused(capsys, "run", study, *flags)


def test_the_help_names_the_words_that_a_flag_takes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "interval", "--help"]) == 0
    assert "[choices: hold, off]" in " ".join(capsys.readouterr().out.split())
