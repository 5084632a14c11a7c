"""Who asks: a key in the header `Authorization: Bearer KEY`, and what the role of its owner allows.

    participant     bids and asks for runs, and sees what is its own
    operator        sees everything, sends measurements, and cancels runs
    reader          sees what is published

The database knows a digest of each key. It is asked at every request, so that a revoked key ends at once. A bid asks in its own
transaction: until then its key counts as what it was the last time, which saves a thread at every bid. Requests without a key
that is known share one bucket for each address, so that nobody tries keys at speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tieline.service.store import people
from tieline.service.store.people import Person
from tieline.service.web.problems import Refusal
from tieline.service.web.service import Service, ServiceHere

KEYS = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key of `tieline keys add`, shown once when it was made.",
)

Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(KEYS)]

ANYBODY = ("participant", "operator", "reader")
CHALLENGE = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True)
class KeyHolder:
    """Who bids, with a key that was good when it was looked up."""

    person: Person
    key: str
    service: Service

    def require_key(self, c: sa.Connection, now: datetime) -> None:
        """Refuse if the key has ended since; to be asked in the transaction of what it is for."""
        if people.who(c, self.key, now) != self.person:
            self.service.known_keys.forget(self.key)
            raise _no_key()


async def person_of(
    request: Request, service: ServiceHere, credentials: Credentials
) -> Person:
    """Whose key it is; raises `Refusal` without one that is known, valid, and used in moderation."""
    person = None
    if credentials is not None:
        person = await run_in_threadpool(_find, service, credentials.credentials)
    return _admit(request, service, person)


async def _bidding(request: Request, credentials: Credentials) -> KeyHolder:
    """Whose key it was when it was first seen, for what asks again in its own transaction; refuses as `person_of` does."""
    service: Service = request.app.state.service
    key = "" if credentials is None else credentials.credentials
    person = service.known_keys.find(key)
    if person is None and key:
        person = await run_in_threadpool(_find, service, key)
    admitted = _admit(request, service, person)
    service.known_keys.remember(key, admitted)
    _require_role(admitted, ("participant",))
    return KeyHolder(admitted, key, service)


def _admit(request: Request, service: Service, person: Person | None) -> Person:
    """Count a request."""
    # whoever knows a key is counted by name, so that two people behind one address do not share
    if person is not None:
        service.limits.take(f"person {person.name}")
        return person
    service.limits.take(f"address {_address(request)}")
    raise _no_key()


def _no_key() -> Refusal:
    detail = "The key is missing, unknown, expired or revoked. Send one that is valid as: Authorization: Bearer KEY"
    return Refusal("no-key", detail, headers=CHALLENGE)


def _find(service: Service, key: str) -> Person | None:
    with service.store.read() as connection:
        return people.who(connection, key, service.store.now())


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else "unknown"


def _of_role(*roles: str) -> Any:
    """A dependency that gives the person, whose role has to be one of these."""

    async def allowed(person: Annotated[Person, Depends(person_of)]) -> Person:
        _require_role(person, roles)
        return person

    return Depends(allowed)


def _require_role(person: Person, roles: Sequence[str]) -> None:
    if person.role not in roles:
        names = " or ".join(roles)
        detail = f"That is for {names}; the key is of a {person.role}."
        raise Refusal("not-allowed", detail)


Anybody = Annotated[Person, _of_role(*ANYBODY)]
Asker = Annotated[Person, _of_role("participant", "operator")]
Bidder = Annotated[KeyHolder, Depends(_bidding)]
Operator = Annotated[Person, _of_role("operator")]


def require_self_or_all(person: Person, participant: str) -> None:
    """Refuse a participant that asks for what is of another."""
    if person.role == "operator" or person.name == participant:
        return
    raise Refusal("not-allowed", "A participant sees only what is its own.")


def require_self(person: Person, participant: str) -> None:
    """Refuse to act in the name of another."""
    if person.name != participant:
        raise Refusal(
            "not-allowed", "A bid is placed and withdrawn by its own participant alone."
        )
