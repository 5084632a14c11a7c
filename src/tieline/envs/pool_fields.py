"""The fields of tasks whose episodes are days out of a pool: how many days, drawn from which seed."""

from __future__ import annotations

from pydantic import Field

POOL_DAYS: int = Field(
    default=100,
    ge=1,
    description="Different days in the pool that episodes are picked from.",
)

POOL_SEED: int = Field(
    default=0,
    ge=0,
    description="Seed of the pool; another one gives days never seen before.",
)
