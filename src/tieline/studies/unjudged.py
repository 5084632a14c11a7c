"""What was not solved is not judged: it is no pass and no violation, it is counted, and the answer says so.

A number that nothing stands behind is None in metrics, never NaN or infinity. Limits that are not judged are told by
`asked_limits`.
"""

from __future__ import annotations

import math

from tieline.powerflow.outcome import Outcome
from tieline.studies.answer import Metric


def finite_or_none(value: float) -> float | None:
    """A finite number as it is, None for NaN and infinity."""
    if math.isfinite(value):
        return float(value)
    return None


def count_unjudged(unjudged: int, cases: int) -> dict[str, Metric]:
    """Metrics `cases_unjudged` and `unjudged_pct`, which every study that judges many cases has."""
    unjudged_pct = 0.0
    if cases:
        unjudged_pct = 100 * unjudged / cases
    return {
        "cases_unjudged": unjudged,
        "unjudged_pct": unjudged_pct,
    }


def why_unsolved(outcome: int) -> str:
    """How a power flow ended and what to try, as the end of a sentence without its full stop."""
    return Outcome(outcome).remedy.removesuffix(".")
