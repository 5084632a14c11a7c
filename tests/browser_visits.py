"""What a person does on the pages of a service in a browser."""

from __future__ import annotations

from typing import Any

PHONE = {"width": 390, "height": 844}


def enter(
    browser: Any, site: str, key: str, place: str, **options: Any
) -> tuple[Any, list[str]]:
    """A page of who signs in with a key, and what its scripts complain of."""
    page = browser.new_context(**options).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site}/sign-in?to={place}")
    page.fill("input[name=key]", key)
    page.click("main button")
    page.wait_for_url(f"{site}{place}*")
    return page, complaints
