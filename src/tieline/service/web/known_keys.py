"""`KnownKeys`: whose key it was when it was looked up last, for what asks the database again before it counts."""

from __future__ import annotations

from collections import OrderedDict

from tieline.service.store.people import Person, digest_of_key

MOST_KEYS = 10_000
"""Keys that are remembered; the one that was silent longest is forgotten first, and is then looked up again."""


class KnownKeys:
    """Owners by the digest of their key. Only keys that were good are remembered: nobody fills it by guessing."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, Person] = OrderedDict()

    def find(self, key: str) -> Person | None:
        """Whose key it was; None if it is not remembered."""
        return self._owners.get(digest_of_key(key))

    def remember(self, key: str, owner: Person) -> None:
        """Remember whose key it is."""
        digest = digest_of_key(key)
        # in two steps that each stand alone: the writer's thread may forget a key between them
        self._owners.pop(digest, None)
        self._owners[digest] = owner
        if len(self._owners) > MOST_KEYS:
            self._owners.popitem(last=False)

    def forget(self, key: str) -> None:
        """Forget a key that has ended."""
        self._owners.pop(digest_of_key(key), None)
