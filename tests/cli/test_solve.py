"""`tieline solve --opf`: the short form of the study, its tables on screen, and every kind of bad question."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from builders import two_bus_holding, two_wire
from tieline.cli.main import main
from tieline.errors import install_command
from tieline.feeders import load_feeder, save_tables
from tieline.feeders.elements import Generator
from tieline.studies import run_study

pytest.importorskip("casadi")
pytest.importorskip("clarabel")

DERS = [
    "--ders",
    "18:600@0.12,25:600@0.08,33:600@0.09",
    "--lowest-pu",
    "0.96",
    "--line-limits",
    "branch_24:5",
]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 2) -> str:
    """The message of a command that must fail, having written nothing."""
    assert main(["solve", *arguments]) == code
    message = capsys.readouterr().err
    assert message.startswith("tieline: ")
    assert "Traceback" not in message
    assert list(Path().iterdir()) == []
    return message


@pytest.mark.parametrize("formulation", ["nlp", "socp", "lp"])
def test_prints_set_points_prices_and_the_verdict_of_ac(
    formulation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["solve", "ieee33", "--opf", formulation, *DERS]) == 0
    printed = capsys.readouterr().out
    assert list(Path().iterdir()) == []
    result = run_study(
        "optimal-power-flow",
        formulation=formulation,
        ders=DERS[1],
        lowest_pu=0.96,
        line_limits="branch_24:5",
    )
    assert printed.startswith(result.headline.title)
    tiles = dict(result.headline.tiles)
    lines = printed.splitlines()
    assert any(
        line.split() == ["Cost", "on", "AC", *tiles["Cost on AC"].split()]
        for line in lines
    )
    broken = result.number("violations") > 0
    assert ("On AC the set-points break" in printed) == broken
    assert ("Broken limits" in printed) == broken
    rows = [line.split() for line in printed.splitlines()]
    der = next(row for row in rows if row[:1] == ["der_25"])
    assert (der[1], der[2]) == ("generator", "25")
    assert float(der[3]) == pytest.approx(
        result.tables["set_points"]["p_kw"][1], abs=0.1
    )


def test_metrics_and_json_of_an_optimum(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["solve", "ieee33", "--opf", "socp", *DERS]
    assert main([*asked, "--json"]) == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert main([*asked, "--metrics"]) == 0
    words = capsys.readouterr().out.split()
    cost = words[words.index("cost_per_h") + 1]
    assert float(cost) == pytest.approx(metrics["cost_per_h"], rel=1e-4)
    assert list(Path().iterdir()) == []


def test_formats_need_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--csv" in refused(capsys, "ieee33", "--csv")


def test_a_folder_is_replaced_only_by_force(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["solve", "ieee13", "--out", "run"]
    assert main([*asked, "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main(asked) == 2
    assert "--force" in capsys.readouterr().err
    assert main([*asked, "--force"]) == 0


def test_writes_the_run_folder_of_the_study(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            [
                "solve",
                "ieee33",
                "--opf",
                "socp",
                *DERS,
                "--load-pct",
                "90",
                "--controls",
                "off",
                "--out",
                "run",
            ]
        )
        == 0
    )
    written = json.loads(Path("run/result.json").read_text())
    assert written["study"] == "optimal-power-flow"
    assert (written["config"]["formulation"], written["config"]["load_pct"]) == (
        "socp",
        90.0,
    )
    assert written["config"]["controls"] == "off"
    assert "report.html" in capsys.readouterr().out
    assert (
        main(
            [
                "run",
                "optimal-power-flow",
                "--config",
                "run/config.toml",
                "--out",
                "again",
            ]
        )
        == 0
    )
    again = json.loads(Path("again/result.json").read_text())
    assert again["metrics"]["cost_per_h"] == pytest.approx(
        written["metrics"]["cost_per_h"], rel=1e-9
    )


def test_without_a_der_the_message_says_how_to_add_some(
    capsys: pytest.CaptureFixture[str],
) -> None:
    message = refused(capsys, "ieee33", "--opf", "nlp")
    assert "has no DER" in message
    assert "--ders BUS:KW" in message


STOP = ("--broken-before", "stop")
"""Limits that are broken before any DER acts are no reason to give way."""


def test_infeasible_limits_end_with_3_and_the_smallest_relaxation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for formulation in ("nlp", "socp", "lp"):
        flags = ("--opf", formulation, "--ders", "18:100", *STOP)
        message = refused(capsys, "ieee33", *flags, code=3)
        assert "The smallest relaxation that would allow some" in message
        assert "lowest voltage at 33.1 0.95 -> 0.918" in message
    flags = ["--opf", "nlp", "--ders", "18:100", *STOP, "--out", "run"]
    assert main(["solve", "ieee33", *flags]) == 3
    assert list(Path().iterdir()) == []


def test_where_regulators_are_held_the_message_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    flags = ("--opf", "nlp", "--ders-at-loads", "5:100", *STOP)
    message = refused(capsys, "ieee13", *flags, code=3)
    assert "highest voltage at rg60.3 1.05 -> 1.056" in message
    assert "other taps may do without" in message


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--ders", "18:300"], "only an optimal power flow takes this. Add --opf"),
        (["--opf", "dc", "--ders", "18:300"], "--opf"),
        (["--opf", "nlp", "--ders", "18"], "no colon"),
        (["--opf", "nlp", "--ders", "99x:300"], "'99x'"),
        (
            ["--opf", "nlp", "--ders", "18:300", "--lowest-pu", "1.06"],
            "lowest_pu (1.06) is not below highest_pu (1.05)",
        ),
        (
            ["--opf", "nlp", "--ders", "18:300", "--line-limits", "branch_222:9"],
            "'branch_222'",
        ),
        (["--opf", "nlp", "--ders", "18:300", "--price", "nan"], "price"),
        (["--opf", "nlp", "--ders", "18:300", "--load-pct", "-1"], "--load-pct"),
        (
            ["--opf", "lp", "--ders", "18:300", "--price", "-1"],
            "prices and quadratic costs of zero or more",
        ),
    ],
)
def test_bad_questions_are_named(
    capsys: pytest.CaptureFixture[str], flags: list[str], expected: str
) -> None:
    assert expected in refused(capsys, "ieee33", *flags)


def test_phases_are_refused_by_the_relaxation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "Use the NLP or the LP" in refused(
        capsys, "ieee13", "--opf", "socp", "--ders", "671:100"
    )


def test_a_loop_is_refused_where_a_tree_is_needed(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("feeders") / "meshed"
    feeder = load_feeder("ieee33")
    save_tables(
        feeder.replace(
            lines=tuple(replace(line, closed=True) for line in feeder.lines)
        ),
        folder,
    )
    assert "meshed" in refused(capsys, str(folder), "--opf", "socp", "--ders", "18:300")
    for formulation in ("lp", "nlp"):
        asked = ["solve", str(folder), "--opf", formulation, "--ders", "18:300"]
        assert main(asked) == 0


@pytest.mark.parametrize(
    ("formulation", "package"),
    [("nlp", "casadi"), ("socp", "clarabel"), ("lp", "clarabel")],
)
def test_a_missing_extra_says_what_to_install(
    formulation: str,
    package: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    message = refused(capsys, "ieee33", "--opf", formulation, "--ders", "18:300")
    assert f"'{package}'" in message
    assert install_command("opf") in message


def test_prints_held_voltages_and_the_limit_reached(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Kept in tieline's own tables too."""
    save_tables(two_bus_holding(held_q_high_kvar=1.0), "held")
    assert main(["solve", "held"]) == 0
    printed = capsys.readouterr().out
    assert "voltage held by held" in printed
    assert "its upper limit" in printed


def summary_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    """What `tieline solve` prints, by quantity."""
    assert main(["solve", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [re.split(" {2,}", line.strip(), maxsplit=1) for line in lines]
    return {row[0]: row[1] for row in rows if len(row) == 2}


def test_powers_add_up_and_the_neutral_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    feeder = two_wire()
    unit = Generator("g", "a", (1, 0), "wye", 0.24, p_kw=0.5, rated_kva=1.0)
    save_tables(feeder.replace(generators=(unit,)), Path("two"))
    shown = summary_of(capsys, "two")
    kw = {name: float(text.split()[0]) for name, text in shown.items() if " kW" in text}
    out_kw = kw["load"] + kw["losses"] + kw["capacitors and shunts"]
    assert kw["source"] + kw["generation"] == pytest.approx(out_kw, abs=2e-3)
    assert kw["generation"] == 0.5
    # 7.77 A through an electrode of 2 ohm
    assert shown["neutral-to-earth voltage"] == "up to 15.534 V at b.4"


def test_many_taps_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    shown = summary_of(capsys, "ieee123")
    assert sum(name.startswith("tap of") for name in shown) == 7


def test_a_line_for_each_kind_of_note_and_the_command_that_names_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    feeder = load_feeder("ieee33")
    loads = tuple(replace(load, kv=2 * load.kv) for load in feeder.loads)
    save_tables(feeder.replace(loads=loads), Path("odd"))
    assert main(["solve", "odd"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    # in the note, and in the line that says where it is explained
    assert printed.count("[LOAD.KV_MISMATCH]") == 2
    assert "and 29 more: 32 of this kind" in printed
    assert "tieline feeders notes odd" in printed
    assert main(["feeders", "notes", "odd", "--code", "load.kv_mismatch"]) == 0
    listed = capsys.readouterr().out
    assert all(f"load {load.name}" in listed for load in loads)
    assert main(["feeders", "notes", "odd", "--code", "LOAD.KV_MISSMATCH"]) == 2
    assert "LOAD.KV_MISMATCH" in capsys.readouterr().err


def test_broken_limits_stand_first_and_the_report_beside_the_tables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["ieee13", "--highest-pu", "1.05", "--transformer-pct", "off"]
    assert main(["solve", *asked, "--out", "run"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Power flow of ieee13: 2 limits broken (2 high voltage)")
    assert "high voltage at bus rg60, phase 3" in printed
    assert json.loads(Path("run/result.json").read_text())["study"] == "power-flow"
    for name in ("report.html", "nodes.csv", "branches.csv", "taps.csv"):
        assert Path("run", name).exists()
    # a folder of anything else is not touched
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("mine")
    assert main(["solve", "ieee13", "--out", "mine"]) == 2
    assert [path.name for path in Path("mine").iterdir()] == ["notes.txt"]


def test_a_power_flow_on_the_screen_loads_no_tables(tmp_path: Path) -> None:
    """The printed answer does not wait for what only files need."""
    code = (
        "import sys; from tieline.cli.main import main; main(['solve', 'ieee13']); "
        "late = {'pandas', 'plotly', 'scipy.sparse.csgraph', 'scipy.sparse.linalg', 'rich.progress'}; "
        "print(sorted(late & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
