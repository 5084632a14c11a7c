"""How the power of an element goes over time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """A load shape: what an element takes or gives, point after point, from midnight of the first of January on.

    `p`: shares of its nominal P, or kW with `is_actual`. `q`: shares of its nominal Q, or kvar; empty where Q follows P.
    `step_h`: what lies between two points [h]; a point holds for the step that ends there, and after the last one the first
        follows again.
    `hour`: in place of `step_h`, 0 then, the hour of each point; between points the power goes straight, behind the last one it
        stays.

    Nominal is `p_kw`, `q_kvar` of a load or generator, `rated_kw` for P and Q of a PV system (before the limit of its inverter)
    and for P of a storage, which charges where it is below zero.
    """

    name: str
    p: tuple[float, ...]
    q: tuple[float, ...] = ()
    step_h: float = 1.0
    hour: tuple[float, ...] = ()
    is_actual: bool = False
