"""Keys that are remembered: bounded, forgotten when they end, and not kept as they are."""

from __future__ import annotations

import pytest

from tieline.service.store.people import Person
from tieline.service.web import known_keys
from tieline.service.web.known_keys import KnownKeys

ANN = Person("ann", "participant")
BOB = Person("bob", "participant")


def test_the_key_that_was_silent_longest_is_forgotten_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known_keys, "MOST_KEYS", 2)
    keys = KnownKeys()
    keys.remember("a", ANN)
    keys.remember("b", BOB)
    keys.remember("a", ANN)
    keys.remember("c", BOB)
    assert [keys.find(key) for key in "abc"] == [ANN, None, BOB]
    keys.forget("a")
    assert keys.find("a") is None


def test_a_key_itself_is_not_kept() -> None:
    keys = KnownKeys()
    keys.remember("tieline_secret", ANN)
    assert "tieline_secret" not in repr(vars(keys))
