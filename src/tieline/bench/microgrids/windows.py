"""The published hour and the evening peak: what all deciders cost there, and rewards without limits of generators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.studies.microgrids.deciders import DECIDERS
from tieline.studies.microgrids.telling.metrics import deciders_of
from tieline.studies.result import Result
from tieline.studies.shell import run_study

CASES = ("paper-window", "peak-window")


@dataclass(frozen=True)
class WindowRow:
    """One decider in one window.

    Attributes:
        case: which window.
        who: the decider.
        cost_usd: of each microgrid [USD].
        gap_pct: above the central optimum [%]; None for the optimum.
        broken: limits of the network that are missed by more than 1e-4.
        broken_local: generators beyond what they can give, all steps together.
    """

    case: str
    who: str
    cost_usd: tuple[float, ...]
    gap_pct: float | None
    broken: int
    broken_local: int


def ask_windows(policies: Path | None, tell: Callable[[str], None]) -> list[WindowRow]:
    """All deciders in both windows; raises `InputError` if policies do not fit."""
    values: dict[str, Any] = {}
    if policies is not None:
        values["policy"] = str(policies)
    rows = []
    for case in CASES:
        tell(case)
        result = run_study("microgrids", case=case, **values)
        # a run leaves out who cannot decide, such as policies of another feeder
        names = deciders_of(result.tables)
        rows += [_row(result, case, who) for who in names]
    return rows


def _row(result: Result, case: str, who: str) -> WindowRow:
    suffix = DECIDERS[who].suffix
    names = result.tables["bills"]["microgrid"].drop_duplicates()
    costs = [result.number(f"cost_usd_{name}{suffix}") for name in names]
    # the optimum has no gap to itself
    gap = result.metrics.get(f"cost_gap_pct{suffix}")
    return WindowRow(
        case=case,
        who=who,
        cost_usd=tuple(costs),
        gap_pct=float(gap) if isinstance(gap, int | float) else None,
        broken=int(result.number(f"violations{suffix}")),
        broken_local=int(result.number(f"violations_local{suffix}")),
    )
