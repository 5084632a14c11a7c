"""The headline of a run of microgrids: who decides, what that costs, which limits break."""

from __future__ import annotations

from tieline.counted import counted
from tieline.reports.headline import Headline
from tieline.reports.numbers import with_unit
from tieline.settings.currency import in_currency
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import DECIDERS
from tieline.studies.microgrids.telling.sections.overview import (
    standing_table,
)
from tieline.studies.microgrids.telling.shown import (
    main_decider,
    microgrids_of,
    words_of,
)
from tieline.studies.result import Result

SPANS = {
    "paper-window": "the published hour",
    "peak-window": "the evening peak",
    "day": "a day",
    "held-out": "drawn days",
    "own": "days of your tables",
}
"""Cases in words."""


def headline(result: Result) -> Headline:
    """What a reader of a run sees first."""
    config = result.config
    assert isinstance(config, MicrogridsConfig)
    return Headline(
        title=_title(result),
        question=_question(result, config),
        summary=_summary(result, config),
        violations=_violations(result),
        table=standing_table(result, config),
    )


def _metric(result: Result, name: str, decider: str) -> float | None:
    """A number of a decider; None where it does not exist."""
    value = result.metrics.get(f"{name}{DECIDERS[decider].suffix}")
    return float(value) if isinstance(value, int | float) else None


def _title(result: Result) -> str:
    name = main_decider(result)
    count = counted(len(microgrids_of(result)), "microgrid")
    gap = _metric(result, "cost_gap_pct", name)
    above = "" if gap is None else f" {gap:.2f} % above the central optimum,"
    violations = int(_metric(result, "violations", name) or 0)
    broken = "no limit broken"
    if violations:
        broken = f"{counted(violations, 'limit')} broken"
    return f"{count} on {result.feeder.name}, {words_of(name)}:{above} {broken}"


def _question(result: Result, config: MicrogridsConfig) -> str:
    n_steps = len(result.tables["steps"].drop_duplicates(["day", "step"]))
    span = (
        f"{SPANS[config.case]}, {counted(n_steps, 'step')} of {config.step_minutes} min"
    )
    return (
        f"{counted(len(microgrids_of(result)), 'privately owned microgrid')} share the voltages and transformers of "
        f"{result.feeder.name}. How does each run its generators, PV and batteries at least cost within all limits, in {span}?"
    )


def _summary(result: Result, config: MicrogridsConfig) -> list[tuple[str, object]]:
    name = main_decider(result)
    unit = config.currency
    cost = _metric(result, in_currency("cost", unit), name)
    rows: list[tuple[str, object]] = [
        ("Decided by", words_of(name)),
        ("Cost of all microgrids", with_unit(cost, unit)),
    ]
    gap = _metric(result, "cost_gap_pct", name)
    if gap is not None:
        rows.append(("Above the central optimum", f"{gap:.2f} %"))
    proposed = _metric(result, "proposed_steps_pct", name)
    if proposed is not None:
        rows.append(("Steps that would break a limit, as decided", f"{proposed:.2f} %"))
    rows.append(("Limits broken", _metric(result, "violations", name)))
    rows += _times(result, name)
    return rows


def _times(result: Result, name: str) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for label, metric in (
        ("A decision of all microgrids takes", "decision_ms"),
        ("With the safety step", "safe_decision_ms"),
    ):
        value = _metric(result, metric, name)
        if value is not None:
            rows.append((label, with_unit(value, "ms")))
    central_ms = result.metrics.get("central_ms")
    if isinstance(central_ms, float):
        rows.append(("The central optimum takes", with_unit(central_ms / 1000, "s")))
    return rows


def _violations(result: Result) -> list[str]:
    """One sentence for the decider that the page is about, if it breaks a limit."""
    name = main_decider(result)
    violations = int(_metric(result, "violations", name) or 0)
    if not violations:
        return []
    steps = result.tables["steps"]
    # deciders beside it break limits to be compared with: their tables say so, and the page's warning is not for them
    is_broken = (steps["decider"] == name) & (steps["violations"] > 0)
    return [
        f"{words_of(name).capitalize()}: {counted(violations, 'limit')} broken in {counted(int(is_broken.sum()), 'step')}."
    ]
