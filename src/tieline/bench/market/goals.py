"""The goals of the market, held against a measurement: time of a minute, savings kept, limits, choice, training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import mean

from tieline.bench.kit.goals import Goal, at_least, at_most
from tieline.bench.market.day_games import KIND
from tieline.bench.market.held_out import Score
from tieline.bench.market.measure import MarketMeasurement
from tieline.studies.market.training.held_out import AS_MARKET

TRAINED_GAMES = 10_000

Fold = Callable[[Iterable[float]], float]
"""From numbers of several days or regions to the one that is judged."""


def goals(measured: MarketMeasurement) -> list[Goal]:
    """All goals; what was not measured says so."""
    return [*_of_days(measured), *_of_games(measured.scores), *_of_training(measured)]


def _of_days(measured: MarketMeasurement) -> list[Goal]:
    days = measured.days

    # a goal that one day of five misses is missed
    def fold(how: Fold, name: str) -> float | None:
        values = [getattr(day, name) for day in days]
        numbers = [value for value in values if value is not None]
        return how(numbers) if numbers else None

    return [
        at_most(
            "a minute, median of the slowest day [ms]", fold(max, "clear_ms_p50"), 50
        ),
        at_least(
            "of the saving of the program over all DERs, worst day [%]",
            fold(min, "kept_lp_pct"),
            95,
        ),
        at_least(
            "of the saving of the AC optimum, worst day [%]",
            fold(min, "kept_ac_pct"),
            93,
        ),
        at_most("violations on AC, all days", fold(sum, "violations"), 0),
        at_most("fall-backs, worst day [% of minutes]", fold(max, "fallback_pct"), 5),
    ]


def _of_games(scores: Sequence[Score]) -> list[Goal]:
    # a policy alone is on the page, but the market never asks it so
    learned = mean_regret(scores, "open", AS_MARKET)
    greedy = mean_regret(scores, "open", "greedy")
    paper = mean_regret(scores, "paper", AS_MARKET)
    constant = mean_regret(scores, "paper", "constant")
    of_days = mean_regret(scores, KIND, AS_MARKET)
    greedy_of_days = mean_regret(scores, KIND, "greedy")
    greedy_of_paper = mean_regret(scores, "paper", "greedy")
    return [
        at_most("mean regret, open games [%]", learned, 1),
        _below("mean regret, open games, below the greedy's [%]", learned, greedy),
        at_least("hits, open games [%]", mean_hits(scores, "open", AS_MARKET), 90),
        _below(
            "mean regret, paper games, below the constant set's [%]", paper, constant
        ),
        _below(
            "mean regret, paper games, below the greedy's [%]", paper, greedy_of_paper
        ),
        _below(
            "mean regret, minutes of days, below the greedy's [%]",
            of_days,
            greedy_of_days,
        ),
        at_least("hits, minutes of days [%]", mean_hits(scores, KIND, AS_MARKET), 90),
    ]


def _below(what: str, value: float | None, limit: float | None) -> Goal:
    """Below what a rule reaches, which is measured too."""
    # without games there is neither a policy's number nor a rule's
    if limit is None:
        return Goal(what, "", "", None)
    return at_most(what, value, limit)


def mean_regret(scores: Sequence[Score], kind: str, who: str) -> float | None:
    """Over all regions and seeds [%]; None where nobody was judged."""
    return _mean([s.regret_pct for s in scores if (s.kind, s.who) == (kind, who)])


def mean_hits(scores: Sequence[Score], kind: str, who: str) -> float | None:
    """Over all regions and seeds [%]; None where nobody was judged."""
    return _mean([s.hits_pct for s in scores if (s.kind, s.who) == (kind, who)])


def _mean(values: list[float]) -> float | None:
    return mean(values) if values else None


def _of_training(measured: MarketMeasurement) -> list[Goal]:
    # one that was timed here says more than the record of another hour
    training = measured.timed or measured.training
    one = all_regions = None
    if training is not None:
        one = training.seconds_for(TRAINED_GAMES)
        all_regions = training.seconds_for(TRAINED_GAMES, training.regions)
    return [
        at_most("10 000 games of one region [s]", one, 120),
        at_most("10 000 games of every region, in one run [s]", all_regions, 360),
    ]
