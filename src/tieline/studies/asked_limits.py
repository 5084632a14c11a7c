"""What the answer of a study was judged by, and what nobody judged: one sentence for the reader, and metrics for scripts.

limits_profile                          the profile by name
limit_highest_pu, limit_line_pct, ...   each number that was judged, by the name of its flag
"""

from __future__ import annotations

from tieline.feeders import Feeder
from tieline.feeders.elements import FIRST_NEUTRAL
from tieline.settings.limit_fields import LimitSettings
from tieline.settings.limits import KINDS, PER_BUS, LimitKind
from tieline.studies.answer import Metric
from tieline.studies.config import StudyConfig


def tell_limits(feeder: Feeder, config: LimitSettings, because: str) -> str:
    """What is judged, why by these numbers, and what is not judged.

    Args:
        feeder: on which the question is asked.
        config: the question, with numbers.
        because: why these numbers, where the feeder gave them; else empty.
    """
    numbers = config.limit_numbers
    words = numbers.words
    if config.profile_name == PER_BUS:
        words = f"voltage as each bus states it, {words}"
    reason = f" ({because})" if because else ""
    sentence = f"Limits: {words}{reason}."
    unjudged = _unjudged(feeder, config)
    if not unjudged:
        return sentence
    return f"{sentence} Not judged: {unjudged}."


def limit_metrics(config: StudyConfig) -> dict[str, Metric]:
    """The numbers that were judged, and their profile; nothing for a study without limits."""
    if not isinstance(config, LimitSettings):
        return {}
    numbers = config.limit_numbers
    by_flag = {f"limit_{kind.field}": numbers.number(kind) for kind in numbers.kinds}
    return {"limits_profile": config.profile_name, **by_flag}


def _unjudged(feeder: Feeder, config: LimitSettings) -> str:
    """Kinds of limits that no number was asked for, and those that the study does not look at."""
    off = [kind for kind in KINDS if _is_unjudged(kind, feeder, config)]
    could_be = [kind.words for kind in off if kind.field in config.JUDGED]
    # a study that limits the same in a way of its own says so there
    said = {*config.JUDGED, *config.INSTEAD}
    never = [kind.words for kind in off if kind.field not in said]
    parts = []
    if could_be:
        parts.append(f"{', '.join(could_be)} (no number is asked for)")
    if never:
        parts.append(f"{', '.join(never)} (this study does not look at it)")
    return "; ".join(parts)


def _is_unjudged(kind: LimitKind, feeder: Feeder, config: LimitSettings) -> bool:
    """Whether a limit that could break on this feeder is not judged."""
    if kind.is_voltage and config.profile_name == PER_BUS:
        return False
    if kind.field == "neutral_v" and not _has_neutrals(feeder):
        return False
    return getattr(config.limit_numbers, kind.field) is None


def _has_neutrals(feeder: Feeder) -> bool:
    """Whether a bus has a neutral conductor, whose voltage could be judged."""
    return any(node >= FIRST_NEUTRAL for bus in feeder.buses for node in bus.phases)
