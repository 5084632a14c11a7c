"""Pages in a browser: a board is watched, moved through and bid on, by mouse and on a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from browser_visits import PHONE, enter
from service_work import work
from service_world import START, World

from tieline.service.store import clearings, intervals, ledger
from tieline.service.store.clearings import Clearing, NodePrice
from tieline.service.store.drafts import make_draft

PLACES = (
    "/markets/board",
    "/",
    "/runs",
    "/runs/new",
    "/runs/new?study=market",
    "/runs/compared",
    f"/runs/{'0' * 64}",
    "/inbox",
    "/feeders/ieee123",
    "/docs",
)

NEXT = START + timedelta(minutes=1)


def open_board(
    browser: Any, site: str, key: str, **options: Any
) -> tuple[Any, list[str]]:
    """The board of who signs in with a key, and what its script complains of."""
    page, complaints = enter(browser, site, key, "/markets/board", **options)
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


def test_a_bid_that_is_no_bid_is_mended_where_it_was_written(
    browser: Any, site: str, cleared: World
):
    page, complaints = open_board(browser, site, cleared.keys["ann"])
    page.click("details.bid summary")
    page.fill("input[name='kw:roof']", "4O")
    page.fill("input[name='price:roof']", "0.2")
    page.click("details.bid button")
    assert "not a number" in page.inner_text("#refused")
    page.fill("input[name='kw:roof']", "40")
    page.click("details.bid button")
    page.wait_for_selector("text=Your bid was placed.")
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
    clearings.publish(c, make_draft(c, before.clearing), None, NEXT)


def test_a_run_is_started_followed_opened_and_compared(
    browser: Any, site: str, cleared: World
):
    key = cleared.keys["ann"]
    page, complaints = enter(browser, site, key, "/runs/new?study=interval")
    for seed in ("1", "2"):
        page.goto(f"{site}/feeders/ieee13")
        page.select_option("#study", "interval")
        page.click("main button")
        page.fill("#seed", seed)
        page.click("button.main")
        page.wait_for_selector("text=In the queue.")
        # the answer comes while the page is open, and brings its report
        work(cleared)
        page.wait_for_selector("iframe.report")
    frame = page.frame_locator("iframe.report")
    frame.locator("h1:has-text('Interval power flow of ieee13')").wait_for()
    page.click("text=Compare >> nth=-1")
    page.wait_for_url("**/runs/compared?*")
    frame = page.frame_locator("iframe.report")
    frame.locator("h1:has-text('2 runs of interval: 1 setting')").wait_for()
    assert complaints == []


def test_findings_take_the_focus_and_lead_to_their_settings(
    browser: Any, site: str, cleared: World
):
    key = cleared.keys["ann"]
    page, _ = enter(browser, site, key, "/runs/new?study=interval")
    page.click("summary:has-text('Limits')")
    page.fill("#highest_pu", "much")
    page.click("button.main")
    page.wait_for_selector("[role=alert]")
    assert page.evaluate("document.activeElement.id") == "findings"
    # its heading was folded; the setting is seen now
    page.click("[role=alert] a")
    assert page.is_visible("#highest_pu[aria-invalid=true]")


def test_pages_are_used_without_a_script(browser: Any, site: str, cleared: World):
    key = cleared.keys["ann"]
    page, _ = enter(browser, site, key, "/markets/board", java_script_enabled=False)
    assert page.is_visible("svg.tl-diagram")
    page.click("details.bid summary")
    page.fill("input[name='kw:roof']", "40")
    page.fill("input[name='price:roof']", "0.2")
    page.click("details.bid button")
    assert page.is_visible("text=Your bid was placed.")
    page.goto(f"{site}/runs/new?study=interval&feeder=ieee13")
    page.click("button.main")
    assert page.is_visible("text=In the queue.")
    work(cleared)
    page.reload()
    assert page.is_visible("iframe.report")


def _clear_next(c: Any) -> None:
    intervals.close_due(c, NEXT)
    book = ledger.book(c, "board", NEXT)
    clearing = Clearing(
        market="board",
        starts_at=NEXT,
        book_digest=book.digest,
        prices=[NodePrice("18", 1, 0.95, 0.1, 0.0, 0.0, 0.0)],
    )
    clearings.publish(c, make_draft(c, clearing), None, NEXT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone(browser: Any, site: str, cleared: World, scheme: str):
    key = cleared.keys["ops"]
    page, _ = open_board(browser, site, key, viewport=PHONE, color_scheme=scheme)
    for place in PLACES:
        page.goto(f"{site}{place}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{place} is {width} px wide"
