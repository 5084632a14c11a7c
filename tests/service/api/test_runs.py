"""Runs through the API: asked once for each question, followed, read, cancelled; the worker is played by the test."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from service_work import work
from service_world import World, open_world

from tieline.service.jobs import queue
from tieline.service.jobs.job import Failed
from tieline.service.jobs.kinds import KINDS
from tieline.service.store.tables import jobs, runs

QUESTION = {"study": "power-flow", "feeder": "ieee13"}


def asked(world: World, who: str = "ann", **options: Any) -> Any:
    return world.ask(who, "POST", "/v1/runs", **{"json": QUESTION, **options})


def test_a_question_is_answered(world: World):
    answer = asked(world)
    assert answer.status_code == 202, answer.text
    place = answer.headers["Location"]
    waiting = world.ask("ann", "GET", place)
    assert (waiting.status_code, waiting.json()["status"]) == (202, "waiting")
    assert waiting.headers["Retry-After"]
    assert world.ask("ann", "GET", f"{place}/result").status_code == 409
    work(world)
    finished = world.ask("ann", "GET", place)
    assert (finished.status_code, finished.json()["status"]) == (200, "done")
    check_files(world, place)
    # the same question again is the same run, and is answered
    again = asked(world, "bob")
    assert (again.status_code, again.headers["Location"]) == (200, place)
    assert world.rows(jobs) == 1
    check_events(world, place)


def check_files(world: World, place: str) -> None:
    """Result, report and tables of the run; 112.4 kW is the loss of ieee13 by OpenDSS."""
    metrics = world.ask("ann", "GET", f"{place}/result").json()["metrics"]
    assert metrics["loss_kw"] == pytest.approx(112.4, abs=0.1)
    report = world.ask("ann", "GET", f"{place}/report")
    assert "sandbox" in report.headers["Content-Security-Policy"]
    assert report.text.startswith("<!DOCTYPE html>")
    parquet = world.ask("ann", "GET", f"{place}/tables/nodes")
    table = pd.read_parquet(io.BytesIO(parquet.content))
    csv = world.ask("ann", "GET", f"{place}/tables/nodes?format=csv")
    assert len(pd.read_csv(io.StringIO(csv.text))) == len(table) > 30
    for name in ("nothing", "feeder", "result"):
        missing = world.ask("ann", "GET", f"{place}/tables/{name}")
        assert missing.status_code == 404
    folder = next((world.service.settings.folder / "runs").iterdir())
    (folder / "report.html").write_text("<script>changed</script>")
    assert world.ask("ann", "GET", f"{place}/report").status_code == 404


def check_events(world: World, place: str) -> None:
    """The stream ends with the run, and goes on behind the last event that was seen."""
    events = read_events(world, f"{place}/events")
    kinds = [kind for _, kind, _ in events]
    assert kinds[0] == "waiting"
    assert kinds[-1] == "done"
    last_but_one = events[-2][0]
    headers = {"Last-Event-ID": str(last_but_one)}
    assert read_events(world, f"{place}/events", headers=headers) == events[-1:]


def read_events(world: World, path: str, **options: Any) -> list[tuple[int, str, Any]]:
    """Number, kind and content of each event of a stream that ends."""
    answer = world.ask("ann", "GET", path, **options)
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    events = []
    for part in answer.text.strip().split("\n\n")[1:]:
        fields = dict(line.split(": ", 1) for line in part.splitlines())
        content = json.loads(fields["data"])
        events.append((int(fields["id"]), fields["event"], content))
    return events


def test_a_key_of_a_request_stands_for_one_question(world: World):
    headers = {"Idempotency-Key": "monday-1"}
    first = asked(world, headers=headers)
    again = asked(world, headers=headers)
    assert first.json()["run"] == again.json()["run"]
    other = asked(world, headers=headers, json=QUESTION | {"seed": 5})
    assert other.status_code == 422
    assert other.json()["type"] == "urn:tieline:problem:key-reused"
    assert world.rows(runs) == 1
    # the same word of somebody else is another word
    assert asked(world, "bob", headers=headers, json=QUESTION | {"seed": 5}).is_success


def test_a_run_that_failed_says_why_and_may_be_asked_again(world: World):
    place = asked(world).headers["Location"]
    store = world.store
    job = store.write(lambda c: queue.claim(c, "test", list(KINDS), store.now()))
    assert job is not None
    reason = "bus 'x' is not there"
    store.write(lambda c: queue.finish(c, job.token, Failed(reason), store.now()))
    failed = world.ask("ann", "GET", place)
    assert (failed.status_code, failed.json()["detail"]) == (422, reason)
    assert world.ask("ann", "GET", f"{place}/report").status_code == 422
    assert asked(world).status_code == 202
    assert world.rows(jobs) == 2


def test_a_run_is_cancelled_by_who_asked_or_by_an_operator(world: World):
    place = asked(world).headers["Location"]
    assert world.ask("bob", "DELETE", place).status_code == 403
    cancelled = world.ask("ann", "DELETE", place)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert world.ask("ops", "DELETE", place).status_code == 409
    assert world.ask("ann", "GET", place).status_code == 422
    assert asked(world).status_code == 202
    assert world.ask("ops", "DELETE", place).status_code == 200


def test_readers_do_not_ask_and_lists_are_ones_own(world: World):
    assert asked(world, "eve").status_code == 403
    asked(world, "ann")
    asked(world, "bob", json=QUESTION | {"seed": 1})
    lists = {
        who: len(world.ask(who, "GET", "/v1/runs").json()["runs"])
        for who in ("ann", "bob", "ops", "eve")
    }
    assert lists == {"ann": 1, "bob": 1, "ops": 2, "eve": 2}


def test_one_key_has_only_so_many_unfinished_runs(tmp_path: Path):
    with open_world(tmp_path, waiting_runs=2) as world:
        statuses = [
            asked(world, json=QUESTION | {"seed": seed}).status_code
            for seed in (1, 2, 3, 2)
        ]
        assert statuses == [202, 202, 429, 202]
        assert asked(world, "bob").status_code == 202


def test_streams_are_bounded_and_end_with_the_service(world: World):
    place = asked(world).headers["Location"]
    world.service.streams = world.service.settings.streams
    assert world.ask("ann", "GET", f"{place}/events").status_code == 429
    world.service.streams = 0
    world.service.is_stopping = lambda: True
    began = time.monotonic()
    assert world.ask("ann", "GET", f"{place}/events").status_code == 200
    assert time.monotonic() - began < 2.0
    assert world.service.streams == 0
