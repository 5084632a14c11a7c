"""`Measured`: what a bus takes in an interval, as the operator sends it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What a bus takes: p_kw, above 0 where it consumes, and q_kvar if it was measured."""

    bus: str
    p_kw: float
    q_kvar: float | None = None
