"""The verdict on each task in short sentences."""

from __future__ import annotations

from collections.abc import Iterable

from tieline.bench.kit.numbers import number_text
from tieline.bench.learning.played import Played
from tieline.bench.learning.standing import Ranking, Standing


def verdicts(played: Iterable[Played]) -> list[str]:
    """A verdict for each task, on its first split."""
    return [_verdict(contest.name, rankings[0]) for contest, rankings in played]


def _verdict(task: str, ranking: Ranking) -> str:
    rule = ranking.best("rule")
    planner = ranking.best("mpc")
    learned = ranking.best("learned")
    optimum = ranking.best("optimum")
    assert rule is not None  # every contest has rules
    rivals = {"rule": rule, "planner": planner}
    present = {kind: rival for kind, rival in rivals.items() if rival is not None}
    sentences = [f"**{task}**, {ranking.split}:"]
    if optimum is not None:
        sentences.append(f"The optimum gains {_pct(optimum.mean_pct)}.")
    if learned is None:
        sentences.append("Nobody was trained.")
    else:
        sentences.append(_of_one("best learned decider", learned))
    for kind, rival in present.items():
        sentences.append(_of_one(f"best {kind}", rival))
    if learned is not None:
        sentences += [_who_is_ahead(learned, *pair) for pair in present.items()]
    return " ".join(sentences)


def _of_one(what: str, standing: Standing) -> str:
    """One sentence: who it is, what it gains and how often a limit is broken."""
    gain = _pct(standing.mean_pct)
    broken = f"{standing.steps_outside:.2f} steps of a day break a limit"
    return f"The {what}, *{standing.who}*, gains {gain}; {broken}."


def _who_is_ahead(learned: Standing, kind: str, rival: Standing) -> str:
    """One sentence that compares the gains of the two, day by day."""
    over = learned.over(rival)
    if not over.is_clear:
        return f"Whether what was learned or the {kind} gains more, the days do not decide."
    if over.mean > 0:
        return f"What was learned gains more than the {kind}."
    return f"The {kind} gains more than what was learned."


def _pct(value: float) -> str:
    return f"{number_text(value, '.2f')} %"
