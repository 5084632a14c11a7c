"""How a configuration asks who computes: this process, or a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

Engine = Literal["local", "ray"]

ENGINE: Any = Field(
    default="local",
    description="Who computes: this machine, or a Ray cluster (extra `ray`).",
)
RAY_ADDRESS: Any = Field(
    default=None,
    description="Address of the Ray cluster (host:port or auto); one is started on this machine if not given.",
)


def engine_problems(engine: Engine, ray_address: str | None) -> Iterator[str]:
    """What of the two does not go together."""
    if ray_address is not None and engine != "ray":
        yield (
            f"ray_address ({ray_address}) has no meaning for engine local. Add engine = 'ray', or leave it out"
        )
