"""How much one caller may ask: requests a second by a bucket of tokens.

A bucket fills at a steady rate and holds twice what it gains in a second; each request takes one token. An empty one answers 429
with the time until the next token. Buckets live in this process: with several, each counts its own callers. The size of
bodies is limited in `body_size`, unfinished runs where they are put in the queue.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from tieline.service.web.problems import Refusal

BURST_S = 2.0
"""Seconds of requests that may come at once."""

MOST_BUCKETS = 10_000
"""Callers that are remembered; who was silent longest is forgotten first, and then has a full bucket again."""


@dataclass
class Bucket:
    """Tokens of one caller at a moment of the monotonic clock [s]."""

    tokens: float
    filled_at: float


class Limits:
    """Buckets by caller.

    Args:
        per_second: tokens that a bucket gains in a second.
        clock: monotonic time [s].
    """

    def __init__(
        self, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_second = per_second
        # at a rate below one a second, a bucket must still hold the one token that a request takes
        self.most = max(BURST_S * per_second, 1.0)
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, caller: str) -> None:
        """Take a token; raises `Refusal` where there is none."""
        bucket = self._filled(caller)
        if bucket.tokens < 1.0:
            wait_s = (1.0 - bucket.tokens) / self.per_second
            raise too_many("Ask less often", wait_s)
        bucket.tokens -= 1.0

    def _filled(self, caller: str) -> Bucket:
        """The bucket of a caller, filled up to now."""
        seconds = self._clock()
        bucket = self._buckets.setdefault(caller, Bucket(self.most, seconds))
        gained = (seconds - bucket.filled_at) * self.per_second
        bucket.tokens = min(bucket.tokens + gained, self.most)
        bucket.filled_at = seconds
        self._buckets.move_to_end(caller)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return bucket


def too_many(what_next: str, wait_s: float) -> Refusal:
    """A refusal for now, with the time after which asking makes sense [s]."""
    seconds = max(math.ceil(wait_s), 1)
    detail = (
        f"More was asked than one caller may. {what_next}; try again in {seconds} s."
    )
    return Refusal("too-many", detail, headers={"Retry-After": str(seconds)})
