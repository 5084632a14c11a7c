"""A POST that is sent again with the same `Idempotency-Key` is done once.

The answer is kept in the transaction that did what was asked, by caller and key. The same key with the same request is answered
as before; with another request it is refused, because one of the two was not meant (draft-ietf-httpapi-idempotency-key-header).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern="^[!-~]+$",
        description="A word of your own for this request: sent again with it, the request is done once.",
    ),
]
"""Header of a POST."""
