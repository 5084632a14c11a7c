"""What the benchmark of feeder files is to show, and whether it does: whole feeders load and agree, none differs silently."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.bench.feeders.by_source import (
    HV_KV,
    SAME_AT_HV_PU,
    SAME_PU,
    differing,
    is_compared,
)
from tieline.bench.feeders.kinds import WHOLE
from tieline.bench.feeders.trial import Trial
from tieline.bench.kit.markdown import Table

LOADED_PCT = 90.0
"""Of whole distribution feeders that people have."""

SAME = f"{SAME_PU:g} pu ({SAME_AT_HV_PU:g} above {HV_KV:g} kV)"


def goals(trials: Sequence[Trial]) -> Table:
    """A row for each goal."""
    rows = [_loaded(trials), _agreeing(trials), _silent(trials)]
    return Table(("goal", "measured", ""), rows, "lll")


def _loaded(trials: Sequence[Trial]) -> tuple[str, str, str]:
    whole = [trial for trial in trials if trial.kind == WHOLE]
    solved = [trial for trial in whole if trial.end == "solved"]
    percent = 100.0 * len(solved) / max(len(whole), 1)
    goal = f"{LOADED_PCT:g} % of whole distribution feeders are read and solved"
    measured = f"{len(solved)} of {len(whole)} ({percent:.1f} %)"
    return goal, measured, _verdict(percent >= LOADED_PCT)


def _agreeing(trials: Sequence[Trial]) -> tuple[str, str, str]:
    whole = [trial for trial in trials if trial.kind == WHOLE and is_compared(trial)]
    n_same = len(whole) - len(differing(whole))
    goal = f"of these, all that another program solves agree within {SAME}"
    return goal, f"{n_same} of {len(whole)}", _verdict(n_same == len(whole))


def _silent(trials: Sequence[Trial]) -> tuple[str, str, str]:
    silent = [trial for trial in differing(trials) if not trial.notes]
    goal = "no file of any kind differs without a note"
    return goal, f"{len(silent)} do", _verdict(not silent)


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "not met"
