"""A run with its report, and runs beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_visits import sign_in
from service_work import work
from service_world import World, open_world


def ask(world: World, study: str, seed: int, who: str = "ann") -> str:
    """A run that was asked for; its id."""
    question = {"study": study, "feeder": "ieee13", "seed": seed}
    answer = world.ask(who, "POST", "/v1/runs", json=question)
    assert answer.status_code == 202, answer.text
    return answer.json()["run"]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, list]]:
    """Two answered runs of ann, one of bob, one of another study, and one that waits."""
    folder: Path = tmp_path_factory.mktemp("answered")
    with open_world(folder) as world:
        asked: list[Any] = [ask(world, "interval", seed) for seed in (1, 2)]
        asked.append(ask(world, "interval", 3, who="bob"))
        asked.append(ask(world, "power-flow", 1))
        for _ in asked:
            work(world)
        asked.append(ask(world, "power-flow", 2))
        yield world, asked


@pytest.fixture
def as_ann(answered: tuple[World, list]) -> tuple[World, list]:
    world, _ = answered
    world.client.cookies.clear()
    sign_in(world, "ann")
    return answered


def compared(world: World, *run_ids: str, place: str = "/runs/compared") -> Any:
    return world.client.get(place, params={"run": run_ids})


def test_a_run_is_its_report_beside_which_another_can_be_put(as_ann):
    world, (first, second, of_bob, other_study, waiting) = as_ann
    text = world.client.get(f"/runs/{first}").text
    assert f'src="/runs/{first}/report"' in text
    assert f'<option value="{second}">' in text
    # another's, another study's and one without an answer are no choice
    for run_id in (first, of_bob, other_study, waiting):
        assert f'<option value="{run_id}">' not in text
    report = world.client.get(f"/runs/{first}/report")
    assert "sandbox" in report.headers["content-security-policy"]
    assert "Interval power flow of ieee13" in report.text


def test_a_run_can_be_started_anew_with_its_settings(as_ann):
    world, (_, second, *_) = as_ann
    text = world.client.get(f"/runs/{second}").text
    assert 'href="/runs/new?study=interval&amp;feeder=ieee13&amp;seed=2"' in text


def test_runs_beside_each_other_are_the_page_of_the_command_line(as_ann):
    world, (first, second, *_) = as_ann
    page = compared(world, first, second)
    assert page.status_code == 200
    assert f'src="/runs/compared/report?run={first}&amp;run={second}"' in page.text
    report = compared(world, first, second, place="/runs/compared/report")
    assert "2 runs of interval: 1 setting and" in report.text
    assert first[:12] in report.text
    assert "Broken limits" in report.text


def test_runs_that_cannot_be_compared_are_refused_with_a_reason(as_ann):
    world, (first, _, of_bob, other_study, waiting) = as_ann
    for run_ids, status, words in (
        ((first,), 422, "at least two"),
        ((first, first), 422, "at least two"),
        ((first, other_study), 422, "of interval, power-flow"),
        ((first, waiting), 409, "has no answer"),
        ((first, of_bob), 403, "only what is its own"),
        ((first, "0" * 64), 404, "No run has the id"),
    ):
        for place in ("/runs/compared", "/runs/compared/report"):
            answer = compared(world, *run_ids, place=place)
            assert answer.status_code == status
            assert words in answer.text


def test_a_run_that_waits_is_followed(as_ann):
    world, (*_, waiting) = as_ann
    text = world.client.get(f"/runs/{waiting}").text
    assert f'data-follow="/runs/{waiting}/events"' in text
    assert "In the queue." in text


def test_an_address_that_no_run_can_have_is_not_there(as_ann):
    world, _ = as_ann
    answer = world.client.get("/runs/x")
    assert answer.status_code == 404
    assert "No page has this address" in answer.text
