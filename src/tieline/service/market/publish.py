"""`publish`: lets a clearing count, and tells an alarm where no dispatch is safe, or that the last one goes on."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from tieline.service.store import clearings, events, intervals
from tieline.service.store.drafts import Draft
from tieline.service.store.fence import Token

EVENT_OF = {"fallback": "fallback", "unmet": "alarm"}
"""Kind of the event that tells of a status."""


def publish(c: sa.Connection, draft: Draft, token: Token | None, now: datetime) -> bool:
    """Let a clearing count, unless the interval has one; returns whether it does.

    A dispatch that was published is carried out: whoever comes later, as a worker after the deadline, changes nothing.

    Raises:
        LateWorker: if the job went on without this worker.
    """
    clearing = draft.clearing
    interval = intervals.get(c, clearing.market, clearing.starts_at)
    if interval.published is not None:
        return False
    clearings.publish(c, draft, token, now)
    kind = EVENT_OF.get(clearing.status)
    if kind is not None:
        payload = {
            "interval": clearing.starts_at.isoformat(),
            "reason": clearing.reason,
        }
        events.tell(c, intervals.topic(clearing.market), kind, payload, now)
    return True
