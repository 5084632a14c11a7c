"""Who asks: a key in the header `Authorization: Bearer KEY`, and what the role of its owner allows.

    participant     bids and asks for runs, and sees what is its own
    operator        sees everything, sends measurements, and cancels runs
    reader          sees what is published

The database knows a digest of each key. It is asked at every request, so that a revoked key ends at once. Requests without a key
that is known share one bucket for each address, so that nobody tries keys at speed.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
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


def person_of(
    request: Request, service: ServiceHere, credentials: Credentials
) -> Person:
    """Whose key it is; raises `Refusal` without one that is known, valid, and used in moderation."""
    # whoever knows a key is counted by name, so that two people behind one address do not share
    person = None
    if credentials is not None:
        person = _find(service, credentials.credentials)
    if person is not None:
        service.limits.take(f"person {person.name}")
        return person
    service.limits.take(f"address {_address(request)}")
    detail = "The key is missing, unknown, expired or revoked. Send one that is valid as: Authorization: Bearer KEY"
    raise Refusal("no-key", detail, headers=CHALLENGE)


def _find(service: Service, key: str) -> Person | None:
    with service.store.read() as connection:
        return people.who(connection, key, service.store.now())


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else "unknown"


def _of_role(*roles: str) -> Any:
    """A dependency that gives the person, whose role has to be one of these."""

    async def allowed(person: Annotated[Person, Depends(person_of)]) -> Person:
        if person.role not in roles:
            names = " or ".join(roles)
            detail = f"That is for {names}; the key is of a {person.role}."
            raise Refusal("not-allowed", detail)
        return person

    return Depends(allowed)


Anybody = Annotated[Person, _of_role(*ANYBODY)]
Asker = Annotated[Person, _of_role("participant", "operator")]
Bidder = Annotated[Person, _of_role("participant")]
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
