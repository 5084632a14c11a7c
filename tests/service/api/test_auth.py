"""Keys: needed, expiring, revoked at once, and kept as digests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from service_world import PLACE, World, open_world

from tieline.service.store import people
from tieline.service.store.tables import bids

BLOCK = {"p_discharge_kw": 40, "price_per_kwh": 0.11}


@pytest.mark.parametrize("key", [None, "", "tieline_unknown", "\u00e9"])
def test_a_key_is_needed(world: World, key: str | None):
    headers = {} if key is None else {"Authorization": f"Bearer {key}".encode()}
    answer = world.ask(None, "GET", "/v1/runs", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["type"] == "urn:tieline:problem:no-key"


def test_a_key_ends_when_it_expires_and_when_it_is_revoked(world: World):
    expires_at = world.moment + timedelta(hours=1)
    key = world.store.write(
        lambda c: people.add_key(c, "ann", world.moment, expires_at)
    )
    assert world.ask(key, "GET", "/v1/markets").status_code == 200
    world.moment = expires_at
    assert world.ask(key, "GET", "/v1/markets").status_code == 401
    assert world.ask("ann", "GET", "/v1/markets").status_code == 200
    world.store.write(lambda c: people.revoke_keys(c, "ann", world.moment))
    assert world.ask("ann", "GET", "/v1/markets").status_code == 401
    assert world.ask("bob", "GET", "/v1/markets").status_code == 200


def test_a_key_that_has_ended_places_no_bid(world: World):
    bid = {"offers": [{"device": "bess-3", "blocks": [BLOCK]}]}
    place = f"{PLACE}/bids/ann"
    expires_at = world.moment + timedelta(minutes=1)
    lasting = world.store.write(
        lambda c: people.add_key(c, "ann", world.moment, expires_at)
    )
    # both are known now, and counted as ann's until the bid itself asks
    for key in ("ann", lasting):
        assert world.ask(key, "PUT", place, json=bid).status_code == 201
    world.moment = expires_at
    assert world.ask(lasting, "PUT", place, json=bid).status_code == 401
    assert world.ask("ann", "PUT", place, json=bid).status_code == 201
    world.store.write(lambda c: people.revoke_keys(c, "ann", world.moment))
    for _ in range(2):
        answer = world.ask("ann", "PUT", place, json=bid)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert world.ask("ann", "DELETE", place).status_code == 401
    assert world.rows(bids) == 3
    # it is forgotten: further tries are counted for their address, as those of any unknown key
    assert world.service.known_keys.find(world.keys["ann"]) is None


def test_no_key_is_in_the_database(world: World):
    files = world.service.settings.folder.glob("tieline.sqlite*")
    content = b"".join(file.read_bytes() for file in files)
    assert content
    assert not any(key.encode() in content for key in world.keys.values())


def test_what_needs_no_key(world: World):
    for path in ("/", "/docs", "/health/live", "/openapi.json", "/metrics"):
        assert world.ask(None, "GET", path).status_code == 200, path


def test_a_page_from_elsewhere_cannot_pass_for_this_machine(world: World):
    answer = world.ask(None, "GET", "/", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_who_guesses_keys_has_to_wait(tmp_path):
    with open_world(tmp_path) as world:
        world.service.limits.per_second = world.service.limits.most = 2.0
        answers = [world.ask("guess", "GET", "/v1/runs") for _ in range(6)]
        assert [answer.status_code for answer in answers[:2]] == [401, 401]
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["Retry-After"]) >= 1
        # those whose key is good are not held up by it
        assert world.ask("ann", "GET", "/v1/runs").status_code == 200
