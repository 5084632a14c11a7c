"""Answers kept for requests that come again under the same idempotency key, in the transaction of what they asked for.

Source: IETF draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tieline.service.store.refusals import KeyReused
from tieline.service.store.tables import answers


@dataclass(frozen=True)
class KeptAnswer:
    """What was answered the first time: HTTP status and body."""

    status: int
    body: Any


def recall(
    c: sa.Connection, participant: str, idempotency_key: str, request_digest: str
) -> KeptAnswer | None:
    """The answer to the same request; None if the key is new.

    Args:
        c: connection.
        participant: who asks; keys of others are others.
        idempotency_key: as it was sent.
        request_digest: of method, path and body.

    Raises:
        KeyReused: if the key came with another request before.
    """
    is_it = (answers.c.participant == participant) & (
        answers.c.idempotency_key == idempotency_key
    )
    row = c.execute(answers.select().where(is_it)).one_or_none()
    if row is None:
        return None
    if row.request_digest != request_digest:
        raise KeyReused(
            f"Idempotency key '{idempotency_key}' came with another request before. Choose a new key for a new request."
        )
    return KeptAnswer(row.status, row.body)


def keep(
    c: sa.Connection,
    participant: str,
    idempotency_key: str,
    request_digest: str,
    answer: KeptAnswer,
    now: datetime,
) -> None:
    """Keep an answer for the next time; call it in the transaction that does what was asked."""
    row = {
        "participant": participant,
        "idempotency_key": idempotency_key,
        "request_digest": request_digest,
        "status": answer.status,
        "body": answer.body,
        "kept_at": now,
    }
    c.execute(answers.insert().values(row))


def forget(c: sa.Connection, before: datetime) -> int:
    """Forget answers kept before a moment; returns how many."""
    return c.execute(answers.delete().where(answers.c.kept_at < before)).rowcount
