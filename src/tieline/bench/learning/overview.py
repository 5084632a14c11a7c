"""All decisions of the package in one table: the best rule, MPC, the best learned decider, each by how far it stays behind the
best there is.

    gap  =  100 (return of the optimum - return)  /  |return of the optimum|     [%], of the mean returns

which is what every study tells of its decision, however it counts; "the optimum" says of what it is a share. Where a number does
not exist the cell says so, and the reasons stand below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tieline.bench.kit.markdown import Table
from tieline.bench.kit.numbers import number_text
from tieline.bench.kit.spread import Spread
from tieline.bench.learning.contest import Contest, Kind
from tieline.bench.learning.score import GUARDED
from tieline.bench.learning.standing import Ranking, Standing
from tieline.bench.learning.studies import STUDIES
from tieline.bench.learning.studies.gap_score import Column, GapScore, Study

NONE = "n/a"

OF_OVERVIEW = (
    "The gap is how far the mean return stays behind that of the best there is, in percent of it (where a study counts its "
    "decision otherwise, the list below says how): the lower, the better. Of who learned: mean over seeds, in brackets the best "
    "and the worst of them. Limits broken are steps of a day with a broken limit, in restoration the limits broken in a horizon. "
    "Time is that of one training of one seed: processor time of the contests, of the studies the time by the clock that the "
    "training wrote down, which for shipped policies was not measured today."
)

HEADINGS = (
    "task",
    "judged on",
    "best rule",
    "gap [%]",
    "MPC",
    "gap [%]",
    "best learned",
    "gap [%]",
    "limits broken: rule, learned",
    "seeds",
    "time [s]",
)

PROVEN = "the proven optimum of each day, in % of its return"


@dataclass(frozen=True)
class Place:
    """Where one decider stands.

    Attributes:
        who: its name.
        gaps_pct: behind the best, of each seed, one number of who was not trained; NaN where the best is not known.
        broken: limits broken in a case; None where that is not measured.
        train_s: of one seed; None where nothing was trained or the time is not known.
    """

    who: str
    gaps_pct: Sequence[float]
    broken: float | None = None
    train_s: float | None = None

    @property
    def gap_pct(self) -> float:
        """Mean over seeds [%]."""
        return Spread.of(self.gaps_pct).mean


@dataclass(frozen=True)
class OverviewRow:
    """A row of the table: the best of each kind, None where there is none."""

    task: str
    judged_on: str
    rule: Place | None
    mpc: Place | None
    learned: Place | None


def contest_row(contest: Contest, ranking: Ranking) -> OverviewRow:
    """The first split of a contest; without an optimum nobody has a gap, and the names alone are told."""
    optimum = ranking.best("optimum")

    def place(kind: Kind) -> Place | None:
        standing = ranking.best(kind)
        if standing is None:
            return None
        # behind the safety step decides who was trained without it
        trained = ranking.of(standing.who.removesuffix(GUARDED)) or standing
        return _place(standing, optimum, trained.train_s or None)

    return OverviewRow(
        contest.name, ranking.split, place("rule"), place("mpc"), place("learned")
    )


def _place(
    standing: Standing, optimum: Standing | None, train_s: float | None
) -> Place:
    returns = standing.seed_returns
    best = np.nan if optimum is None else optimum.return_mean
    gaps_pct = [100.0 * (best - one) / abs(best) for one in returns]
    return Place(standing.who, gaps_pct, standing.steps_outside, train_s)


def study_rows(name: str, scores: Sequence[GapScore]) -> Iterator[OverviewRow]:
    """A row for each kind of cases on which a study is judged."""
    by_cases: dict[str, list[GapScore]] = {}
    for score in scores:
        by_cases.setdefault(score.judged_on, []).append(score)
    for judged_on, of_cases in by_cases.items():
        yield OverviewRow(
            name,
            judged_on,
            _best(of_cases, "rule"),
            _best(of_cases, "mpc"),
            _best(of_cases, "learned"),
        )


def _best(scores: Sequence[GapScore], kind: Kind) -> Place | None:
    """The lowest mean gap of a kind."""
    by_name: dict[str, list[GapScore]] = {}
    for score in scores:
        if score.kind == kind:
            by_name.setdefault(score.who, []).append(score)
    places = [_place_of(of_one) for of_one in by_name.values()]
    return min(places, key=lambda place: place.gap_pct, default=None)


def _place_of(scores: Sequence[GapScore]) -> Place:
    broken = [score.broken for score in scores if score.broken is not None]
    times_s = [score.train_s for score in scores if score.train_s is not None]
    return Place(
        scores[0].who,
        [score.gap_pct for score in scores],
        Spread.of(broken).mean if broken else None,
        Spread.of(times_s).mean if times_s else None,
    )


def overview_table(rows: Sequence[OverviewRow]) -> Table:
    """The table."""
    return Table(HEADINGS, [_cells(row) for row in rows], "lllrlrlrlrr")


def _cells(row: OverviewRow) -> tuple[str, ...]:
    learned = row.learned
    broken = ", ".join(_broken(place) for place in (row.rule, learned))
    return (
        row.task,
        row.judged_on,
        *_who_and_gap(row.rule),
        *_who_and_gap(row.mpc),
        *_who_and_gap(learned),
        broken,
        NONE if learned is None else str(len(learned.gaps_pct)),
        _time(learned),
    )


def _who_and_gap(place: Place | None) -> tuple[str, str]:
    if place is None:
        return NONE, NONE
    spread = Spread.of(place.gaps_pct)
    text = number_text(spread.mean, ".3g")
    if spread.count > 1 and np.isfinite(spread.mean):
        lowest = number_text(spread.lowest, ".3g")
        highest = number_text(spread.highest, ".3g")
        text = f"{text} ({lowest} to {highest})"
    return place.who, text


def _broken(place: Place | None) -> str:
    if place is None or place.broken is None:
        return NONE
    return number_text(place.broken, ".2f")


def _time(place: Place | None) -> str:
    if place is None or place.train_s is None:
        return NONE
    return number_text(place.train_s, ",.0f")


OF_COLUMN: Mapping[Column, str] = {
    "rule": "no rule",
    "mpc": "no MPC",
    "broken": "no limits broken",
    "time": "no time",
}


def study_notes(name: str) -> str:
    """What the gap of a study is to, and why it has no number of some kind."""
    study: Study = STUDIES[name]
    reasons = [f"{OF_COLUMN[column]}: {why}" for column, why in study.absent.items()]
    text = f"**{name}** ([its page]({name}.md)): behind {study.optimum}"
    return "; ".join([text, *reasons])


def contest_notes(contest: Contest, ranking: Ranking) -> str:
    """The same of a contest."""
    text = f"**{contest.name}**: behind {PROVEN}"
    if ranking.best("optimum") is None:
        text = f"**{contest.name}**: no gap, as no optimum is proven"
    if ranking.best("mpc") is None:
        text += "; no MPC: none is built for it"
    return text
