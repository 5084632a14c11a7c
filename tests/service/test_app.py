"""API and pages in one app: an error is a document to a program and a page to a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from service_world import World, open_world

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as opened:
        yield opened


def test_an_unknown_address_is_a_page_to_a_browser(world: World):
    page = world.client.get("/nothing", headers=BROWSER)
    assert page.status_code == 404
    assert "<h1>There is no such thing</h1>" in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    document = world.client.get("/nothing")
    assert document.headers["content-type"] == "application/problem+json"


def test_an_operation_answers_a_browser_with_a_document_too(world: World):
    answer = world.client.get("/v1/nothing", headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_defect_is_a_page_that_tells_nothing_of_its_inside(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("tieline.service.pages.home.workers.ready_count", fail)
    page = world.client.get("/", headers=BROWSER)
    assert page.status_code == 500
    assert "<h1>The service failed</h1>" in page.text
    assert "secret" not in page.text
    assert world.client.get("/").json()["title"] == "The service failed"
