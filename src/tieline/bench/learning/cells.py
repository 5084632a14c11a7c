"""What stands in a cell of a table about a decider; empty where there is none."""

from __future__ import annotations

from tieline.bench.kit.numbers import number_text
from tieline.bench.learning.standing import Standing


def who_text(standing: Standing | None) -> str:
    """Its name."""
    return "" if standing is None else standing.who


def gain_text(standing: Standing | None) -> str:
    """Mean gain [%]."""
    return "" if standing is None else number_text(standing.mean_pct, ".2f")


def middle_text(standing: Standing | None) -> str:
    """Interquartile mean gain with its interval [%]."""
    if standing is None:
        return ""
    numbers = standing.middle
    return interval_text(numbers.mean, numbers.low, numbers.high)


def interval_text(mean: float, low: float, high: float) -> str:
    """A number with its interval."""
    texts = [number_text(number, ".2f") for number in (mean, low, high)]
    return "{} ({} to {})".format(*texts)


def behind_text(standing: Standing | None, optimum: Standing | None) -> str:
    """How far it stays behind the optimum [points]."""
    if standing is None or optimum is None:
        return ""
    return number_text(optimum.mean_pct - standing.mean_pct, ".2f")


def over_texts(learned: Standing | None, rule: Standing | None) -> tuple[str, str]:
    """The paired difference and its p-value."""
    if learned is None or rule is None:
        return "", ""
    over = learned.over(rule)
    return interval_text(over.mean, over.low, over.high), f"{over.p:.2g}"


def broken_text(*standings: Standing | None) -> str:
    """Steps of a day with a broken limit, of each."""
    texts = [
        "-" if one is None else number_text(one.steps_outside, ".2f")
        for one in standings
    ]
    return ", ".join(texts)
