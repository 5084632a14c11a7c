"""What was not solved is not judged: it is no pass and no violation, it is counted, and the answer says so.

A number that nothing stands behind is None in metrics, never NaN or infinity. A limit that the chosen profile has and the study
does not look at is not judged either.
"""

from __future__ import annotations

import math

from tieline.powerflow.outcome import Outcome
from tieline.settings.limit_fields import LimitSettings
from tieline.studies.answer import Metric
from tieline.studies.config import StudyConfig


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


def tell_unjudged_limits(config: StudyConfig) -> list[str]:
    """What the profile of limits speaks of and the study does not judge, if it is not the study's default profile."""
    if not isinstance(config, LimitSettings) or not config.unjudged_kinds:
        return []
    profile = getattr(config, "limits")  # noqa: B009 (a field of each study that has limits)
    # The help says it of the default; who chooses another may take its silence for a pass.
    if profile == type(config).model_fields["limits"].default:
        return []
    kinds = " and ".join(config.unjudged_kinds)
    return [
        f"The profile {profile} also limits {kinds}, which this study does not judge."
    ]
