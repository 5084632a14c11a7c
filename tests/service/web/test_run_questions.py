"""A question is checked whole, reads nothing outside its folder, and is known by everything that decides its answer."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tieline.feeders import load_feeder, save_tables
from tieline.service.api.bodies.runs import RunQuestion
from tieline.service.web.places import Places
from tieline.service.web.problems import Refusal
from tieline.service.web.run_questions import CheckedQuestion, check

NO_FILES = Places()


def ask(places: Places = NO_FILES, **body: Any) -> CheckedQuestion:
    question = RunQuestion(**body)
    return check(question.study, question.values, places, question.findings)


def run_id(places: Places = NO_FILES, **body: Any) -> str:
    return ask(places, **body).identity.run_id


def findings(places: Places = NO_FILES, **question: Any) -> list[str]:
    """Where a question is refused."""
    with pytest.raises(Refusal) as refused:
        ask(places, **question)
    assert refused.value.status == 422
    return [finding.where for finding in refused.value.findings]


def test_what_decides_the_answer_is_in_the_id():
    asked: Any = {"study": "interval", "feeder": "ieee33", "seed": 1}
    same = [
        run_id(**asked),
        run_id(study="interval", configuration={"seed": 1}),
        run_id(**asked, configuration={"spread-pct": 10}),
        run_id(**asked | {"feeder": "IEEE33", "configuration": {"feeder": "IEEE33"}}),
    ]
    assert same[0] == same[1]
    others = [
        run_id(**asked | {"seed": 2}),
        run_id(**asked | {"study": "power-flow"}),
        run_id(**asked | {"feeder": "ieee69"}),
        run_id(**asked, configuration={"spread_pct": 21}),
    ]
    assert len({same[0], *others}) == 5


def test_everything_that_is_wrong_is_told_together():
    where = findings(
        study="battery",
        feeder="ieee333",
        seed=3,
        configuration={"seed": 4, "load_table": "/etc/passwd", "spread": 1},
    )
    assert where == [
        "/seed",
        "/configuration/spread",
        "/configuration/load_table",
        "/feeder",
    ]


def test_an_unsound_feeder_is_told_with_all_its_findings(tmp_path: Path):
    feeder = load_feeder("ieee33")
    bent = [dataclasses.replace(load, p_kw=float("nan")) for load in feeder.loads[:3]]
    loads = (*bent, *feeder.loads[3:])
    save_tables(dataclasses.replace(feeder, loads=loads), tmp_path / "bent")
    places = Places(tmp_path.resolve())
    where = findings(places, study="interval", feeder="bent", configuration={"x": 1})
    assert len(where) > 1


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../secret.dss",
        "inside/../../secret.dss",
        "link.dss",
        "folder/secret.dss",
        "",
        "~/secret.dss",
        "file:///etc/passwd",
    ],
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str):
    (tmp_path / "secret.dss").write_text("New Circuit.secret\n")
    files = tmp_path / "files"
    (files / "inside").mkdir(parents=True)
    (files / "link.dss").symlink_to(tmp_path / "secret.dss")
    (files / "folder").symlink_to(tmp_path)
    places = Places(files.resolve())
    if name:
        assert places.file(name) is None
        assert findings(places, study="interval", configuration={"feeder": name}) == [
            "/feeder"
        ]
    assert findings(study="interval", configuration={"feeder": name}) == ["/feeder"]


def test_a_file_in_the_folder_is_read(tmp_path: Path):
    save_tables(load_feeder("ieee13"), tmp_path / "own")
    places = Places(tmp_path.resolve())
    asked = ask(places, study="interval", feeder="own")
    assert asked.feeder.feeder.name == "ieee13"
    assert asked.config.feeder == "own"


def test_callers_start_nothing_elsewhere():
    config = {"engine": "ray", "ray_address": "10.0.0.1:6379"}
    where = findings(study="hosting-capacity", configuration=config)
    assert where == ["/configuration/engine", "/configuration/ray_address"]


def test_a_changed_table_is_another_question(tmp_path: Path):
    table = tmp_path / "loads.csv"
    places = Places(tmp_path.resolve())
    config = {"time": "profiles", "load_table": "loads.csv"}
    ids = []
    for value in ("1.0", "2.0"):
        table.write_text(f"time,all\n2026-01-01T00:00:00Z,{value}\n")
        ids.append(run_id(places, study="hosting-capacity", configuration=config))
    assert ids[0] != ids[1]


def test_the_tables_of_a_feeder_are_kept_once(tmp_path: Path):
    asked = ask(study="interval")
    place = asked.feeder.keep(tmp_path / "feeders")
    assert asked.feeder.keep(tmp_path / "feeders") == place
    assert [folder.name for folder in (tmp_path / "feeders").iterdir()] == [
        asked.feeder.sha256
    ]
    assert load_feeder(place) == asked.feeder.feeder
