"""Tables over all tasks: who is best, what a larger choice is worth, what a gap means in a year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tieline.bench.kit.markdown import Table
from tieline.bench.kit.numbers import number_text
from tieline.bench.learning.cells import (
    behind_text,
    broken_text,
    gain_text,
    middle_text,
    over_texts,
    who_text,
)
from tieline.bench.learning.contest import Contest
from tieline.bench.learning.played import Played
from tieline.bench.learning.standing import Ranking, Standing

DAYS_A_YEAR = 365


def all_tasks(played: Iterable[Played]) -> Table:
    """A row for each split of each task."""
    headings = (
        "task",
        "days",
        "best rule",
        "gain [%]",
        "best learned",
        "gain [%]",
        "IQM",
        "MPC [%]",
        "optimum [%]",
        "behind optimum [points]",
        "over best rule [points]",
        "p",
        "limits broken: learned, rule, optimum",
    )
    rows = [
        _task_row(contest.name, ranking)
        for contest, rankings in played
        for ranking in rankings
    ]
    return Table(headings, rows, "lllrlrrrrrrrr")


def _task_row(task: str, ranking: Ranking) -> tuple[str, ...]:
    rule = ranking.best("rule")
    learned = ranking.best("learned")
    optimum = ranking.best("optimum")
    return (
        task,
        ranking.split,
        who_text(rule),
        gain_text(rule),
        who_text(learned),
        gain_text(learned),
        middle_text(learned),
        gain_text(ranking.best("mpc")),
        gain_text(optimum),
        behind_text(learned, optimum),
        *over_texts(learned, rule),
        broken_text(learned, rule, optimum),
    )


def wider(played: Iterable[Played]) -> Table:
    """A row for each pair and split."""
    headings = ("task", "days", "sets more", "sets less", "difference [points]", "p")
    rows = [
        (contest.name, ranking.split, wide.who, narrow.who, *over_texts(wide, narrow))
        for contest, rankings in played
        for ranking in rankings
        for wide, narrow in _pairs(contest, ranking)
    ]
    return Table(headings, rows, "llllrr")


def _pairs(contest: Contest, ranking: Ranking) -> Iterator[tuple[Standing, Standing]]:
    for wide_name, narrow_name in contest.wider:
        wide = ranking.of(wide_name)
        narrow = ranking.of(narrow_name)
        if wide is not None and narrow is not None:
            yield wide, narrow


def year(played: Iterable[Played]) -> Table:
    """The best rule and the best learned decider of each split, in a year."""
    headings = (
        "task",
        "days",
        "who",
        "losses less than doing nothing [kWh]",
        "losses more than optimum [kWh]",
        "money over doing nothing",
        "money behind optimum",
    )
    rows = [
        row
        for contest, rankings in played
        for ranking in rankings
        for row in _year_rows(contest, ranking)
    ]
    return Table(headings, rows, "lllrrrr")


def _year_rows(contest: Contest, ranking: Ranking) -> Iterator[tuple[str, ...]]:
    idle = ranking.best("nothing")
    optimum = ranking.best("optimum")
    assert idle is not None  # it is a rule of every contest
    for standing in (ranking.best("rule"), ranking.best("learned")):
        if standing is None:
            continue
        yield (
            contest.name,
            ranking.split,
            standing.who,
            _kwh(idle.loss_kwh - standing.loss_kwh),
            "" if optimum is None else _kwh(standing.loss_kwh - optimum.loss_kwh),
            _money(contest, standing, idle),
            "" if optimum is None else _money(contest, optimum, standing),
        )


def _kwh(a_day: float) -> str:
    return number_text(DAYS_A_YEAR * a_day, ",.0f")


def _money(contest: Contest, better: Standing, worse: Standing) -> str:
    """What one return is worth above another in a year; empty where returns are no money."""
    if contest.money_per_return is None:
        return ""
    a_day = (better.return_mean - worse.return_mean) * contest.money_per_return
    return f"{number_text(DAYS_A_YEAR * a_day, ',.0f')} {contest.currency}"
