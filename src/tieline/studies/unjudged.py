"""What was not solved is not judged: it is no pass and no violation, it is counted, and the answer says so.

A number that nothing stands behind is None in metrics, never NaN or infinity.
"""

from __future__ import annotations

import math

from tieline.powerflow.outcome import Outcome
from tieline.studies.answer import Metric


def finite_or_none(value: float) -> float | None:
    """A finite number as it is, None for NaN and infinity."""
    return float(value) if math.isfinite(value) else None


def count_unjudged(unjudged: int, cases: int) -> dict[str, Metric]:
    """Metrics `cases_unjudged` and `unjudged_pct`, which every study that judges many cases has."""
    return {"cases_unjudged": unjudged, "unjudged_pct": 100 * unjudged / cases if cases else 0.0}


def why_unsolved(outcome: int) -> str:
    """How a power flow ended and what to try, as the end of a sentence without its full stop."""
    return Outcome(outcome).remedy.removesuffix(".")
