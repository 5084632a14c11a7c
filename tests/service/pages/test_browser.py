"""Pages in a browser: a board is watched, moved through and bid on, by mouse and on a phone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from service_world import START, World

from tieline.service.store import clearings, intervals, ledger
from tieline.service.store.clearings import Clearing, NodePrice

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs the Chromium of Debian"
)

NEXT = START + timedelta(minutes=1)
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as program:
        opened = program.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox"]
        )
        yield opened
        opened.close()


@pytest.fixture
def site(cleared: World) -> Iterator[str]:
    """Address of the service, listening on this machine."""
    server = uvicorn.Server(uvicorn.Config(cleared.app, port=0, log_level="error"))
    cleared.service.is_stopping = lambda: server.should_exit
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def open_board(
    browser: Any, site: str, key: str, **options: Any
) -> tuple[Any, list[str]]:
    """The board of who signs in with a key, and what its script complains of."""
    page = browser.new_context(**options).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site}/markets/board")
    page.fill("input[name=key]", key)
    page.click("main button")
    page.wait_for_selector("svg.tl-diagram")
    return page, complaints


def test_a_board_is_watched_and_bid_on(browser: Any, site: str, cleared: World):
    page, complaints = open_board(browser, site, cleared.keys["ann"])
    assert page.inner_text(".legend").startswith("voltage")
    page.click("[data-show=price]")
    page.wait_for_selector(".legend >> text=price")
    page.click("details.bid summary")
    page.fill("input[name='kw:roof']", "40")
    page.fill("input[name='price:roof']", "0.2")
    page.click("details.bid button")
    page.wait_for_selector("svg.tl-diagram")
    with cleared.store.read() as c:
        (bid,) = ledger.rows(c, "board", NEXT, "ann")
    assert bid.offers[0].blocks[0] == (40.0, 0.2)
    assert complaints == []


def test_a_board_follows_what_is_published(browser: Any, site: str, cleared: World):
    page, complaints = open_board(browser, site, cleared.keys["eve"])
    cleared.moment = NEXT
    cleared.store.write(_clear_next)
    seconds = int(NEXT.timestamp())
    page.wait_for_selector(f"h2[data-start='{seconds}']")
    # back to the interval before, and forth to the one that came while the page was open
    for position, start in ((0, START), (1, NEXT)):
        page.evaluate(
            "position => { const slider = document.querySelector('input[type=range]');"
            " slider.value = position; slider.dispatchEvent(new Event('input')); }",
            position,
        )
        page.wait_for_selector(f"h2[data-start='{int(start.timestamp())}']")
    assert complaints == []


def test_a_board_shows_a_revision_of_what_is_looked_at(
    browser: Any, site: str, cleared: World
):
    page, complaints = open_board(browser, site, cleared.keys["eve"])
    page.goto(f"{site}/markets/board?at={int(START.timestamp())}")
    page.wait_for_selector("text=revision 1, published")
    cleared.store.write(_clear_again)
    page.wait_for_selector("text=revision 2, published")
    assert complaints == []


def _clear_again(c: Any) -> None:
    before = clearings.published(c, "board", START)
    assert before is not None
    clearings.publish(c, before.clearing, None, NEXT)


def _clear_next(c: Any) -> None:
    intervals.close_due(c, NEXT)
    book = ledger.book(c, "board", NEXT)
    clearing = Clearing(
        market="board",
        starts_at=NEXT,
        book_digest=book.digest,
        prices=[NodePrice("18", 1, 0.95, 0.1, 0.0, 0.0, 0.0)],
    )
    clearings.publish(c, clearing, None, NEXT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone(browser: Any, site: str, cleared: World, scheme: str):
    key = cleared.keys["ops"]
    page, _ = open_board(browser, site, key, viewport=PHONE, color_scheme=scheme)
    for place in ("/markets/board", "/", "/runs", "/inbox", "/feeders/ieee123"):
        page.goto(f"{site}{place}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{place} is {width} px wide"
