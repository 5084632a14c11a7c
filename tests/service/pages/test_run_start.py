"""Starting a run from its form: settings of the study's configuration, findings at them, who may, and what is stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_visits import form_token, sign_in
from service_world import World, open_world

from tieline.config_files import check_config
from tieline.feeders import load_feeder, save_tables
from tieline.service.pages.run_form import RunForm, read_values
from tieline.service.store import runs as run_rows
from tieline.service.store.tables import jobs, runs
from tieline.service.web.places import NOT_FOR_CALLERS, Places
from tieline.studies.catalogue import STUDIES

NO_FILES = Places()


def send(world: World, **fields: str) -> Any:
    form = {"token": form_token(world), "study": "interval", **fields}
    return world.client.post("/runs/new", data=form, follow_redirects=False)


@pytest.fixture
def with_files(tmp_path: Path) -> Iterator[World]:
    """A service with a folder of two feeders, one of which has two loads without a power."""
    feeder = load_feeder("ieee33")
    bent = [dataclasses.replace(load, p_kw=float("nan")) for load in feeder.loads[:2]]
    loads = (*bent, *feeder.loads[2:])
    save_tables(feeder, tmp_path / "files" / "sound")
    save_tables(dataclasses.replace(feeder, loads=loads), tmp_path / "files" / "bent")
    with open_world(tmp_path, files=str(tmp_path / "files")) as opened:
        yield opened


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_has_a_form_with_a_sentence_for_each_setting(name: str):
    form = RunForm(STUDIES[name], {}, NO_FILES)
    settings = [setting for group in form.groups for setting in group.settings]
    assert {"feeder", "seed"} <= {setting.name for setting in settings}
    assert not {setting.name for setting in settings} & set(NOT_FOR_CALLERS)
    for setting in settings:
        assert setting.sentence, setting.name
        assert "--" not in setting.sentence


@pytest.mark.parametrize("name", STUDIES)
def test_every_choice_of_a_form_is_one_that_the_study_takes(name: str):
    study = STUDIES[name]
    for group in RunForm(study, {}, NO_FILES).groups:
        for setting in group.settings:
            for word in setting.choices:
                values = read_values(study, {setting.name: word}, NO_FILES)
                _, problems = check_config(study.config_model, values)
                # another setting may be missing; this one's word is known
                assert all("must be" not in problem.text for problem in problems), word


def test_an_empty_form_is_the_question_with_its_defaults():
    study = STUDIES["interval"]
    empty = dict.fromkeys(study.config_model.model_fields, " ")
    assert read_values(study, empty, NO_FILES) == {}


def test_a_setting_has_its_unit_default_and_sentence(world: World):
    sign_in(world, "ann")
    text = world.client.get("/runs/new?study=interval&seed=7").text
    assert "Default: 10 %" in text
    assert 'value="7"' in text
    assert 'for="spread_pct"' in text


def test_a_sentence_calls_other_settings_as_the_form_does():
    form = RunForm(STUDIES["hosting-capacity"], {}, NO_FILES)
    sentences = {
        setting.name: setting.sentence
        for group in form.groups
        for setting in group.settings
    }
    assert "above 'max pct' until" in sentences["cap_pct"]
    assert "follows 'light load pct' if" in sentences["light_load_kvar_pct"]
    assert "that of 'limits' if" in sentences["highest_pu"]
    assert "IEEE 1547-2018" in sentences["inverter"]


def test_a_run_is_started_once(world: World):
    sign_in(world, "ann")
    answer = send(world, feeder="ieee13", seed="3", spread_pct="5")
    assert answer.status_code == 303
    run_id = answer.headers["location"].removeprefix("/runs/")
    with world.store.read() as c:
        run = run_rows.get(c, run_id)
    assert (run.study, run.feeder, run.asked_by) == ("interval", "ieee13", "ann")
    assert (run.config["seed"], run.config["spread_pct"]) == (3, 5.0)
    again = send(world, feeder="ieee13", seed="3", spread_pct="5")
    assert again.headers["location"] == answer.headers["location"]
    assert world.rows(jobs) == 1
    # the question of the API is the same
    asked = {"study": "interval", "feeder": "ieee13", "seed": 3}
    asked["configuration"] = {"spread-pct": 5}
    by_api = world.ask("ann", "POST", "/v1/runs", json=asked)
    assert by_api.json()["run"] == run_id


def test_everything_that_is_wrong_is_told_at_its_setting(world: World):
    sign_in(world, "ann")
    answer = send(world, feeder="ieee333", seed="x", spread_pct="-1")
    assert answer.status_code == 422
    assert "3 findings: nothing was started." in answer.text
    for name in ("feeder", "seed", "spread_pct"):
        assert f'id="{name}-problem-1"' in answer.text
        assert f'<a href="#{name}">' in answer.text
    # what was typed stays
    assert 'value="ieee333"' in answer.text
    assert world.rows(runs) == 0


def test_what_a_feeders_check_found_stands_at_the_feeder(with_files: World):
    sign_in(with_files, "ann")
    answer = send(with_files, feeder="bent")
    assert answer.status_code == 422
    assert 'id="feeder-problem-2"' in answer.text
    assert "LOAD.NOT_FINITE" in answer.text


def test_a_feeder_with_errors_cannot_be_started(with_files: World):
    sign_in(with_files, "ann")
    assert "/feeders/bent" in with_files.client.get("/feeders").text
    bent = with_files.client.get("/feeders/bent").text
    assert "Errors (2)" in bent
    assert "<button disabled" in bent
    sound = with_files.client.get("/feeders/sound").text
    assert "<button disabled" not in sound
    assert "<svg" in sound


@pytest.mark.parametrize("name", ["eve", "nobody"])
def test_who_may_only_read_starts_nothing(world: World, name: str):
    if name == "eve":
        sign_in(world, name)
        assert (
            "disabled>Start the run"
            in world.client.get("/runs/new?study=interval").text
        )
        assert send(world).status_code == 403
    else:
        answer = world.client.post(
            "/runs/new", data={"study": "interval"}, follow_redirects=False
        )
        assert answer.headers["location"].startswith("/sign-in")
    assert world.rows(runs) == 0


def test_a_form_of_another_site_starts_nothing(world: World):
    sign_in(world, "ann")
    assert send(world, token="0" * 64).status_code == 403
    data = {"token": form_token(world), "study": "interval"}
    headers = {"Sec-Fetch-Site": "cross-site"}
    foreign = world.client.post("/runs/new", data=data, headers=headers)
    assert foreign.status_code == 403
    assert world.rows(runs) == 0


@pytest.mark.parametrize("field", ["engine", "ray_address", "load_table"])
def test_a_form_sets_nothing_that_is_not_in_it(field: str):
    study = STUDIES["hosting-capacity"]
    assert read_values(study, {field: "ray"}, NO_FILES) == {}


def test_an_unknown_study_is_told_as_a_page(world: World):
    sign_in(world, "ann")
    assert world.client.get("/runs/new?study=intervall").status_code == 404
    assert send(world, study="intervall").status_code == 404


def test_a_name_in_the_address_is_escaped(world: World):
    sign_in(world, "ann")
    place = "/runs/new?study=interval&feeder=%22%3E%3Cscript%3Ealert(1)"
    assert "<script>alert" not in world.client.get(place).text
