"""Who is looking at a page.

Signing in takes a key and makes another one that lasts half a day, which the browser keeps in a cookie that no script reads and
no other site sends. Signing out, or the end of the owner's keys, ends it: it is a row of the same table. Where the service was
started to show itself without keys, who is not signed in sees what a reader sees.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from tieline.service.store import people
from tieline.service.store.people import Person
from tieline.service.web.problems import Refusal
from tieline.service.web.service import Service, ServiceHere

COOKIE = "tieline-session"

LASTS = timedelta(hours=12)
"""A working day."""

ANYBODY = Person("visitor", "reader")
"""Who is not signed in, where the service shows itself without keys."""


@dataclass(frozen=True)
class Visitor:
    """Who looks.

    Attributes:
        person: None if that is not known.
        key: of the session; empty without one.
    """

    person: Person | None = None
    key: str = ""

    @property
    def form_token(self) -> str:
        """What a form of this session carries, so that another site cannot send one in its name."""
        return hmac.new(self.key.encode(), b"form", hashlib.sha256).hexdigest()

    @property
    def is_signed_in(self) -> bool:
        """Whether there is a session."""
        return bool(self.key)

    @property
    def bids_as(self) -> str | None:
        """Name under which this visitor bids; None who does not bid."""
        person = self.person
        if person is None or person.role != "participant":
            return None
        return person.name

    @property
    def may_ask(self) -> bool:
        """Whether this visitor may start runs."""
        person = self.person
        return person is not None and person.role in ("participant", "operator")

    @property
    def sees_all(self) -> bool:
        """Whether bids and bills of everybody are shown."""
        return self.person is not None and self.person.role == "operator"

    def sees(self, participant: str) -> bool:
        """Whether bids and bills of a participant are shown."""
        return self.sees_all or self.bids_as == participant


class SignInNeeded(Exception):
    """A page is for who is signed in."""


def visitor_of(request: Request, service: ServiceHere) -> Visitor:
    """Who looks, if that is known."""
    key = request.cookies.get(COOKIE, "")
    person = _owner(service, key) if key else None
    if person is not None:
        return Visitor(person, key)
    if service.settings.shows_without_key:
        return Visitor(ANYBODY)
    return Visitor()


def _owner(service: Service, key: str) -> Person | None:
    with service.store.read() as connection:
        return people.who(connection, key, service.store.now())


def _known(visitor: Annotated[Visitor, Depends(visitor_of)]) -> Visitor:
    if visitor.person is None:
        raise SignInNeeded
    return visitor


Anyone = Annotated[Visitor, Depends(visitor_of)]
"""Parameter of a page that everybody sees."""

Known = Annotated[Visitor, Depends(_known)]
"""Parameter of a page that is for who may read."""


def sign_in(service: Service, request: Request, key: str) -> str:
    """The key of a new session for who has a key; raises `Refusal` where it is nobody's."""
    address = request.client.host if request.client is not None else "unknown"
    # nobody tries keys at speed
    service.limits.take(f"address {address}")
    person = _owner(service, key)
    if person is None:
        raise Refusal("no-key", "This key is unknown, expired or revoked.")
    now = service.store.now()
    return service.store.write(
        lambda c: people.add_key(c, person.name, now, now + LASTS)
    )


def sign_out(service: Service, visitor: Visitor) -> None:
    """End a session."""
    now = service.store.now()
    service.store.write(lambda c: people.revoke_key(c, visitor.key, now))
