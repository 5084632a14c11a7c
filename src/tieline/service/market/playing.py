"""A market on a day that is played faster: its clock, and gates that leave the computer its time.

Lead and deadline are seconds of the computer's clock. However fast the day goes, a gate closes long enough before its interval
for a clearing.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tieline.profiles.config import ProfileConfig
from tieline.service.market.definition import Definition, make_definition

BEGINS = time(6, 0)
"""A played day begins in the morning: loads and sun rise from there."""

LEAST_LEAD_S = 2.0
"""Least lead of a gate: a clearing takes a fraction of a second, and a busy computer several times that."""

DEADLINE_SHARE = 0.9
"""Of the lead: what is left is for reading the dispatch before it holds."""


def played(definition: Definition, speed: float, now: datetime) -> Definition:
    """A market whose clock runs so many times faster from a moment on.

    Args:
        definition: the market.
        speed: times the computer's clock; 1 plays participants in real time.
        now: where the day begins, on the computer's clock.

    Raises:
        InputError: if an interval would be over before its gate could close.
    """
    if speed == 1:
        return definition
    values = definition.as_values()
    day = datetime.combine(ProfileConfig().start, BEGINS, definition.local_zone)
    values["clock"] = {
        "speed": speed,
        "began_at": now.isoformat(),
        "shows": day.isoformat(),
    }
    length_s = (definition.gates.length / speed) / timedelta(seconds=1)
    lead_s = min(definition.gates.lead_s, max(length_s, LEAST_LEAD_S))
    values["gates"] |= {"lead_s": lead_s, "deadline_s": DEADLINE_SHARE * lead_s}
    return make_definition(values, f"Market '{definition.name}' at speed {speed:g}")


def is_same_market(first: Definition, second: Definition) -> bool:
    """Whether two definitions differ only in clock and gates, as those of two times at which a day was played."""
    lasting = set(Definition.model_fields) - {"clock", "gates"}
    values = first.model_dump(include=lasting)
    return values == second.model_dump(include=lasting)
