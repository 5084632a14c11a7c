"""Signing in, what is shown without it, and forms that another site sends."""

from __future__ import annotations

import pytest
from page_visits import form_token, sign_in
from service_world import World

from tieline.service.pages.sessions import COOKIE, LASTS

PAGES = ("/markets", "/markets/board", "/runs", "/feeders", "/feeders/ieee33", "/inbox")


@pytest.mark.parametrize("place", PAGES)
def test_pages_are_for_who_has_a_key(world: World, place: str):
    answer = world.client.get(place, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?to=/")
    sign_in(world, "eve")
    assert world.client.get(place).status_code == 200


def test_a_session_is_a_key_of_its_own_that_ends(world: World):
    sign_in(world, "ann")
    session = world.client.cookies[COOKIE]
    assert session != world.keys["ann"]
    world.moment += LASTS
    assert world.client.get("/runs", follow_redirects=False).status_code == 303


def test_signing_out_ends_the_session_and_not_the_key(world: World):
    sign_in(world, "ann")
    session = world.client.cookies[COOKIE]
    world.client.post("/sign-out", data={"token": form_token(world)})
    world.client.cookies.set(COOKIE, session)
    assert world.client.get("/runs", follow_redirects=False).status_code == 303
    assert world.ask("ann", "GET", "/v1/runs").status_code == 200


def test_the_cookie_is_for_no_script_and_no_other_site(world: World):
    answer = world.client.post(
        "/sign-in", data={"key": world.keys["ann"]}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_key_that_is_nobodys_is_refused_as_a_page(world: World):
    answer = world.client.post("/sign-in", data={"key": "tieline_x"})
    assert answer.status_code == 401
    assert "unknown, expired or revoked" in answer.text
    assert COOKIE not in world.client.cookies


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_without_the_token_of_the_session_is_refused(world: World, token: str):
    sign_in(world, "ann")
    assert world.client.post("/sign-out", data={"token": token}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "cross-site"}, 403),
        # what a browser sends where the page asks it to name no referrer
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://127.0.0.1"}, 200),
    ],
)
def test_a_form_of_another_site_is_refused(world: World, headers: dict, status: int):
    sign_in(world, "ann")
    data = {"token": form_token(world)}
    answer = world.client.post("/sign-out", data=data, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("to", ["//elsewhere.example", "/\\elsewhere.example", "x"])
def test_signing_in_leads_to_pages_of_this_service_alone(world: World, to: str):
    data = {"key": world.keys["ann"], "to": to}
    answer = world.client.post("/sign-in", data=data, follow_redirects=False)
    assert answer.headers["location"] == "/"
