"""Held-out days, shared by processes: who decides how well, one number for each day, decider and seed of policies.

The days are those of case `held-out` of the study, and so are the deciders and the judgement; here they are cut into pieces of a
few days, so that several processes work and something is heard of each piece.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tieline.bench.microgrids.options import Options
from tieline.studies.microgrids.telling.gaps import WHO, gaps_by_day
from tieline.studies.shell import run_study

PIECE_DAYS = 5
"""Long enough that the program of the optimum, which is built once for a piece, does not count."""

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class DayScore:
    """One decider on one day.

    Attributes:
        day: its seed.
        who: the decider.
        seed: of the training of its policies; -1 for who has none.
        gap_pct: above the central optimum, stored energy paid back [%].
        steps: of the day.
        proposed_broken, broken: steps in which a limit is missed by more than 1e-4, before and after the safety step.
        proposed_max_pu, max_pu: largest miss of a voltage before and after it [pu].
        loading_pct: highest loading of a branch [%].
        projections: steps that the safety step changed.
        decision_ms, safe_decision_ms: median decision without and with the safety step [ms].
        day_s: time of all decisions of the day [s].
    """

    day: int
    who: str
    seed: int
    gap_pct: float
    steps: int
    proposed_broken: int
    broken: int
    proposed_max_pu: float
    max_pu: float
    loading_pct: float
    projections: int
    decision_ms: float
    safe_decision_ms: float
    day_s: float


def play_days(options: Options, tell: Callable[[str], None]) -> list[DayScore]:
    """Play the days; raises `InputError` if policies do not fit."""
    if not options.days:
        return []
    pieces = _pieces(options)
    scores: list[DayScore] = []
    # a fresh process: numerical libraries do not survive being forked with their threads
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, mp_context=context) as pool:
        futures = [pool.submit(play_piece, piece) for piece in pieces]
        tell(f"{options.days} days in {len(pieces)} pieces")
        for count, future in enumerate(as_completed(futures), start=1):
            scores += future.result()
            tell(f"{count} of {len(pieces)} pieces of {options.days} days")
    # pieces end in any order
    scores.sort(key=lambda score: score.day)
    return scores


def _pieces(options: Options) -> list[dict[str, Any]]:
    """Fields of the study for each piece."""
    pieces = []
    for first in range(0, options.days, PIECE_DAYS):
        n_days = min(PIECE_DAYS, options.days - first)
        piece: dict[str, Any] = {"seed": first, "days": n_days}
        if options.policies is not None:
            piece["policy"] = str(options.policies)
        pieces.append(piece)
    return pieces


def play_piece(values: dict[str, Any]) -> list[DayScore]:
    """The scores of some days, played in this process."""
    result = run_study("microgrids", case="held-out", **values)
    return list(scores_of(result.tables))


def scores_of(tables: Tables) -> Iterator[DayScore]:
    """A score for each day, decider and seed of policies."""
    part = ["day", *WHO]
    gaps = gaps_by_day(tables["bills"]).set_index(part)
    by_part = tables["steps"].groupby(part, sort=False)
    for key, steps in by_part:
        # the optimum has no gap to itself
        gap_pct = gaps["gap_pct"].get(key, 0.0)
        yield _score(key, float(gap_pct), steps)


def _score(key: Any, gap_pct: float, steps: pd.DataFrame) -> DayScore:
    day, who, seed = key
    together_ms = steps["decision_ms"] + steps["guard_ms"]
    return DayScore(
        day=int(day),
        who=str(who),
        seed=int(seed),
        gap_pct=gap_pct,
        steps=len(steps),
        proposed_broken=int((steps["proposed_violations"] > 0).sum()),
        broken=int((steps["violations"] > 0).sum()),
        proposed_max_pu=float(steps["proposed_miss_pu"].max()),
        max_pu=float(steps["voltage_miss_pu"].max()),
        loading_pct=float(steps["loading_pct"].max()),
        projections=int(steps["touched"].sum()),
        decision_ms=float(steps["decision_ms"].median()),
        safe_decision_ms=float(together_ms.median()),
        day_s=float(together_ms.sum()) / 1000,
    )
