"""The shell around a study: the feeder is read once, kept with the answer, and all that is needed to report or repeat a run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from builders import random_feeder, two_bus, two_bus_holding
from tieline import Feeder, Network, Result, load_feeder, load_run, run_study, solve
from tieline.cli.main import main
from tieline.errors import InputError
from tieline.feeders import FeederError, save_tables
from tieline.files import read_sealed, sealed
from tieline.studies import shell
from tieline.studies.hosting_capacity.solving import engine
from tieline.studies.interval.config import IntervalConfig
from tieline.studies.result import feeder_digest

ASKED = {
    "interval": ["--spread-pct", "20", "--draws", "20"],
    "transfer-capability": ["--to-buses", "b", "--line-rating-a", "200"],
    "optimal-power-flow": [
        "--ders",
        "b:300@0.05",
        "--formulation",
        "lp",
        "--lowest-pu",
        "0.9",
    ],
    "hosting-capacity": ["--deployments", "2", "--max-pct", "20"],
    "battery": ["--step-minutes", "60", "--bound", "off"],
    "reserve": [
        *(
            "--ders",
            "b",
            "--capacity-kw",
            "200",
            "--bid-cents",
            "10",
            "--request-kw",
            "100",
        ),
        *("--held-out", "5"),
    ],
}
"""A quick question of every study on the feeder of `two_bus`."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a feeder in it."""
    monkeypatch.chdir(tmp_path)
    save_tables(two_bus(), "tiny")
    return tmp_path


def load_in_file(p_kw: float) -> None:
    """Change the load in the feeder's file."""
    shutil.rmtree("tiny")
    save_tables(two_bus(p_kw), "tiny")


def hours_of_load() -> str:
    """A table with a day of loads."""
    rows = "\n".join(
        f"2025-06-21T{hour:02d}:00-06:00,{0.1 + hour / 100}" for hour in range(24)
    )
    return f"time,load\n{rows}\n"


def content(folder: str) -> dict[str, Any]:
    return json.loads((Path(folder) / "result.json").read_text())


@pytest.mark.parametrize("study", ASKED)
def test_a_report_is_the_same_wherever_it_is_written_and_whatever_became_of_the_file(
    study: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["run", study, "--feeder", "tiny", *ASKED[study], "--out", "run"]) == 0
    page = Path("run/report.html").read_bytes()
    load_in_file(10.0)
    (place / "elsewhere").mkdir()
    monkeypatch.chdir(place / "elsewhere")
    assert main(["report", "../run"]) == 0
    assert (place / "run" / "report.html").read_bytes() == page
    shutil.rmtree(place / "tiny")
    shutil.move(place / "run", "moved")
    assert main(["report", "moved"]) == 0
    assert Path("moved/report.html").read_bytes() == page


@pytest.mark.parametrize("study", ASKED)
def test_a_run_is_repeated_from_its_folder_alone(
    study: str,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", study, "--feeder", "tiny", *ASKED[study], "--out", "run"]) == 0
    shutil.rmtree("tiny")
    (place / "elsewhere").mkdir()
    monkeypatch.chdir(place / "elsewhere")
    capsys.readouterr()
    assert main(["run", study, "--config", "../run/config.toml", "--out", "again"]) == 0
    assert "feeder: 'tiny' as kept in '../run/feeder'" in capsys.readouterr().err
    first, again = load_run("../run"), load_run("again")
    assert (first.config, first.feeder) == (again.config, again.feeder)
    timed = ("_s", "_ms", "_per_s")
    for name, value in first.metrics.items():
        assert name.endswith(timed) or again.metrics[name] == value, name
    assert content("../run")["feeder_sha256"] == content("again")["feeder_sha256"]


def test_a_configuration_that_names_another_feeder_gets_it(place: Path) -> None:
    """The kept feeder stands for the name that the run was given, and for no other."""
    assert (
        main(
            ["run", "interval", "--feeder", "tiny", *ASKED["interval"], "--out", "run"]
        )
        == 0
    )
    command = ["run", "interval", "--config", "run/config.toml", "--out", "again"]
    assert main([*command, "--feeder", "ieee13"]) == 0
    assert load_run("again").feeder.name == "ieee13"
    config = Path("run/config.toml")
    config.write_text(config.read_text().replace('"tiny"', '"ieee33"'))
    assert main([*command, "--force"]) == 0
    assert load_run("again").feeder.name == "ieee33"


def test_a_copied_configuration_reads_the_file_it_names(place: Path) -> None:
    assert (
        main(
            ["run", "interval", "--feeder", "tiny", *ASKED["interval"], "--out", "run"]
        )
        == 0
    )
    shutil.copy("run/config.toml", "config.toml")
    load_in_file(10.0)
    assert main(["run", "interval", "--config", "config.toml", "--out", "again"]) == 0
    assert load_run("again").feeder.loads[0].p_kw == 10.0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda feeder: (feeder / "loads.csv").write_text("name\n"),
        lambda feeder: (feeder / "feeder.toml").unlink(),
        lambda feeder: (feeder / "notes.csv").write_text(
            "code,severity,component,message\nA.B,warning,load x,said\n"
        ),
        shutil.rmtree,
    ],
    ids=["table changed", "file gone", "table added", "folder gone"],
)
def test_a_changed_feeder_is_refused(
    spoil: Callable[[Path], object], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            ["run", "interval", "--feeder", "tiny", *ASKED["interval"], "--out", "run"]
        )
        == 0
    )
    spoil(Path("run/feeder"))
    assert main(["report", "run"]) == 2
    message = capsys.readouterr().err
    assert "feeder" in message
    assert "again" in message


def test_a_run_of_an_earlier_version_is_refused_with_a_remedy(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It kept no feeder: nobody knows what its numbers were asked of."""
    assert (
        main(
            ["run", "interval", "--feeder", "tiny", *ASKED["interval"], "--out", "run"]
        )
        == 0
    )
    shutil.rmtree("run/feeder")
    listed = read_sealed(Path("run/result.json"))
    assert listed is not None
    listed["files"] = {
        name: sha for name, sha in listed["files"].items() if "/" not in name
    }
    Path("run/result.json").write_text(sealed(listed))
    assert main(["report", "run"]) == 2
    message = capsys.readouterr().err
    assert "earlier version of tieline" in message
    assert "tieline run interval --config run/config.toml" in message
    again = ["run", "interval", "--config", "run/config.toml", "--out", "run"]
    assert main([*again, "--force"]) == 0
    assert main(["report", "run"]) == 0


def test_the_feeder_is_read_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = []

    def counted(name: str) -> Feeder:
        names.append(name)
        return load_feeder(name)

    monkeypatch.setattr(shell, "load_feeder", counted)
    result = run_study("interval", feeder="tiny", draws=10)
    result.save("run")
    assert names == ["tiny"]


def test_a_feeder_made_in_python_is_asked_and_kept(place: Path) -> None:
    feeder = two_bus(500.0)
    result = run_study("interval", feeder=feeder, draws=10)
    assert result.config.feeder == "two-bus"
    solution = solve(Network.from_feeder(feeder))
    assert result.metrics["loss_centre_kw"] == pytest.approx(solution.loss_kw[0])
    result.save("run")
    assert load_run("run").feeder == result.feeder == feeder


def test_an_unsound_feeder_is_refused_before_any_work() -> None:
    with pytest.raises(FeederError, match="bus"):
        run_study("interval", feeder=two_bus().replace(buses=()))


def test_what_is_loaded_is_what_was_saved(place: Path) -> None:
    config = IntervalConfig(draws=10, seed=3, load_model="zip")
    result = run_study("interval", feeder=random_feeder(1, 8), config=config)
    result.save("run")
    again = load_run(Path("run"))
    same = (
        "study",
        "config",
        "feeder",
        "metrics",
        "remarks",
        "version",
        "machine",
        "date",
    )
    assert {name: getattr(again, name) for name in same} == {
        name: getattr(result, name) for name in same
    }
    assert again.config.seed == 3
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)


def test_the_feeder_kept_is_the_one_read_and_not_the_one_solved(place: Path) -> None:
    """Its load model is the file's; that of the configuration is asked for again by whoever repeats the run."""
    asked = {"deployments": 1, "max_pct": 10.0, "load_model": "opendss-band"}
    result = run_study("hosting-capacity", feeder="tiny", **asked)
    assert result.feeder.load_model == "zip"


def test_a_configuration_and_its_fields_exclude_each_other() -> None:
    with pytest.raises(InputError, match="Both a configuration and draws"):
        run_study("interval", config=IntervalConfig(), draws=3)


def test_a_study_cannot_change_what_the_digest_says() -> None:
    """Every field of a feeder counts."""
    feeder = two_bus()
    others = (
        feeder.replace(title="x"),
        feeder.replace(load_model="opendss-band"),
        feeder.replace(frequency_hz=50.0),
        two_bus(1000.0 + 1e-9),
    )
    assert len({feeder_digest(one) for one in (feeder, *others)}) == 5
    assert feeder_digest(two_bus()) == feeder_digest(feeder)


def test_a_result_says_when_and_where_it_came_about(place: Path) -> None:
    result: Result = run_study("interval", feeder="tiny", draws=10)
    result.save("run")
    page = Path("run/report.html").read_text()
    for value in (
        result.date,
        result.machine,
        result.version,
        feeder_digest(result.feeder),
    ):
        assert value in page


def test_tables_that_are_named_are_kept_and_read_again(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A day of loads from a file that is gone when the run is repeated."""
    Path("load.csv").write_text(hours_of_load())
    day = ["--time", "profiles", "--step-minutes", "60", "--load-table", "load.csv"]
    command = [
        "run",
        "hosting-capacity",
        *ASKED["hosting-capacity"],
        *day,
        "--feeder",
        "tiny",
    ]
    assert main([*command, "--out", "run"]) == 0
    assert content("run")["files"].keys() >= {
        "inputs/load_table.csv",
        "feeder/loads.csv",
    }
    Path("load.csv").unlink()
    (place / "elsewhere").mkdir()
    monkeypatch.chdir(place / "elsewhere")
    repeat = [
        "run",
        "hosting-capacity",
        "--config",
        "../run/config.toml",
        "--out",
        "again",
    ]
    assert main(repeat) == 0
    assert "load_table: 'load.csv' as kept in '../run/inputs/load_table.csv'" in (
        capsys.readouterr().err
    )
    first, again = load_run("../run"), load_run("again")
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)
    (place / "run" / "inputs" / "load_table.csv").write_text("time,load\n")
    assert main(repeat) == 2
    assert "inputs/load_table.csv changed" in capsys.readouterr().err
    assert main(["report", "again"]) == 0


@pytest.mark.parametrize(
    ("frequency_hz", "profile", "band_pu"),
    [(60.0, "ansi-a", (0.95, 1.05)), (50.0, "en50160", (0.9, 1.1))],
)
def test_limits_fit_the_feeder_and_result_and_remark_have_their_numbers(
    frequency_hz: float, profile: str, band_pu: tuple[float, float]
) -> None:
    feeder = two_bus().replace(frequency_hz=frequency_hz)
    result = run_study("interval", feeder, draws=0)
    assert isinstance(result.config, IntervalConfig)
    assert (result.config.limits, result.config.band_pu) == (profile, band_pu)
    low_pu, high_pu = band_pu
    expected = {
        "limits_profile": profile,
        "limit_highest_pu": high_pu,
        "limit_lowest_pu": low_pu,
    }
    assert expected.items() <= result.metrics.items()
    (said,) = [text for text in result.warnings if text.startswith("Limits: ")]
    assert said.startswith(
        f"Limits: voltage from {low_pu:g} to {high_pu:g} pu ({profile}, because the feeder has {frequency_hz:g} Hz)."
    )
    assert "line loading" in said.split("Not judged: ")[1]
    again = run_study("interval", feeder, config=result.config)
    assert again.metrics["v_low_pu"] == result.metrics["v_low_pu"]


def test_a_configuration_is_one_of_the_study() -> None:
    with pytest.raises(
        InputError, match="takes a TransferCapabilityConfig; got IntervalConfig"
    ):
        run_study("transfer-capability", config=IntervalConfig())


def test_a_run_that_is_loaded_and_saved_elsewhere_is_the_same_folder(
    place: Path,
) -> None:
    """Input tables and further files included: the copy can be repeated as the first can."""
    Path("load.csv").write_text(hours_of_load())
    values = {"deployments": 2, "max_pct": 20.0, "time": "profiles", "step_minutes": 60}
    result = run_study(
        "hosting-capacity", feeder="tiny", load_table="load.csv", **values
    )
    replace(result, files={"policy.bin": b"weights"}).save("run")
    load_run("run").save("copy")
    assert content("copy") == content("run")
    for name in content("run")["files"]:
        assert Path("copy", name).read_bytes() == Path("run", name).read_bytes(), name


def test_a_kept_feeder_whose_list_was_changed_is_not_taken_for_the_file_of_that_name(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", "interval", "--feeder", "tiny", *ASKED["interval"]]
    assert main([*command, "--out", "run"]) == 0
    load_in_file(10.0)
    listed = Path("run/result.json")
    listed.write_text(listed.read_text().replace('"seed"', '"Seed"'))
    again = ["run", "interval", "--config", "run/config.toml", "--out", "again"]
    assert main(again) == 2
    assert "vouch for what is kept in 'run/feeder'" in capsys.readouterr().err
    assert main([*again, "--feeder", "tiny"]) == 0


@pytest.mark.parametrize("name", ["pvs.csv", "anything.csv"])
def test_a_table_beside_those_of_the_run_is_named(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            ["run", "interval", "--feeder", "tiny", *ASKED["interval"], "--out", "run"]
        )
        == 0
    )
    Path("run/feeder", name).write_text("name,bus\n")
    assert main(["report", "run"]) == 2
    assert f"feeder/{name}, which the run did not write" in capsys.readouterr().err
    Path("run/feeder", name).unlink()
    assert main(["report", "run"]) == 0


LONG = ["run", "hosting-capacity", "--deployments", "60", "--step-pct", "50"]
"""Three parts of 25, 25 and 10 deployments."""

GO_ON = ["run", "hosting-capacity", "--out", "begun", "--resume"]


def interrupt(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C when the first part is finished."""
    solve_shard = engine.solve_shard
    shards = []

    def interrupted(setting: Any, shard: Any) -> Any:
        if shards:
            raise KeyboardInterrupt
        shards.append(shard)
        return solve_shard(setting, shard)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "solve_shard", interrupted)
        assert main(command) == 130


def require_same_answer(first: str, second: str) -> None:
    one, other = load_run(first), load_run(second)
    assert one.config == other.config
    assert one.inputs == other.inputs
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(other.tables[name], table)


def test_a_run_that_began_with_a_kept_feeder_is_resumed_from_its_folder_alone(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The feeder's file, and the run that kept it, are gone."""
    assert main([*LONG, "--feeder", "tiny", "--out", "whole"]) == 0
    shutil.copytree("whole", "kept")
    shutil.rmtree("tiny")
    repeat = ["run", "hosting-capacity", "--config", "kept/config.toml"]
    interrupt([*repeat, "--out", "begun"], monkeypatch)
    shutil.rmtree("kept")
    (place / "elsewhere").mkdir()
    shutil.move("begun", "elsewhere/begun")
    monkeypatch.chdir(place / "elsewhere")
    capsys.readouterr()
    assert main(GO_ON) == 0
    assert (
        "feeder: 'tiny' as kept in 'begun/unfinished/feeder'" in capsys.readouterr().err
    )
    assert not Path("begun/unfinished").exists()
    require_same_answer("../whole", "begun")


def test_a_run_with_tables_is_resumed_from_its_folder_alone(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("load.csv").write_text(hours_of_load())
    day = ["--time", "profiles", "--step-minutes", "60", "--load-table", "load.csv"]
    command = [*LONG, *day, "--feeder", "tiny"]
    assert main([*command, "--out", "whole"]) == 0
    interrupt([*command, "--out", "begun"], monkeypatch)
    Path("load.csv").unlink()
    load_in_file(10.0)
    assert main(GO_ON) == 0
    require_same_answer("whole", "begun")


def test_a_resumed_run_that_names_its_feeder_anew_gets_it(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And is refused: the parts answer a question about another."""
    interrupt([*LONG, "--feeder", "tiny", "--out", "begun"], monkeypatch)
    load_in_file(10.0)
    capsys.readouterr()
    assert main([*GO_ON, "--feeder", "tiny"]) == 2
    assert "different: feeder" in capsys.readouterr().err
    assert main(GO_ON) == 0


def test_a_damaged_feeder_of_an_unfinished_run_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupt([*LONG, "--feeder", "tiny", "--out", "begun"], monkeypatch)
    Path("begun/unfinished/feeder/loads.csv").write_text("name\n")
    assert main(GO_ON) == 2
    assert "feeder/loads.csv changed, damaged or missing" in capsys.readouterr().err


def test_study_tells_that_q_stays() -> None:
    """The feeder that is kept is the one that was given: a repeated run asks the same."""
    result = run_study("interval", two_bus_holding(), spread_pct=10.0, draws=20)
    told = [line for line in result.warnings if "Q_FIXED" in line]
    assert len(told) == 1
    assert result.feeder.generators[0].held_v_pu == 1


@pytest.mark.parametrize("name", ["interval", "hosting-capacity", "battery"])
def test_several_sources_are_refused_first(name: str) -> None:
    feeder = two_bus()
    second = replace(feeder.sources[0], name="second", bus=feeder.buses[1].name)
    both = feeder.replace(sources=(*feeder.sources, second))
    steps: list[str] = []

    def note(done: int, total: int, text: str) -> None:
        steps.append(text)

    with pytest.raises(InputError, match="2 sources"):
        run_study(name, both, progress=note)
    assert steps == []
