"""How the linear program grows with the DERs it sets, on one feeder: the questions of `tieline.bench.opf.cases`."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tieline.bench.opf.cases import ask
from tieline.errors import InputError, MissingExtraError
from tieline.feeders import load_feeder
from tieline.opf import Problem, solve_lp

FEEDER = "ieee123"
"""Bundled, with phases, and with buses enough for the counts."""

COUNTS = (1, 2, 5, 10, 20, 50)

TRIES = 3
"""The best of these counts: whatever disturbs makes a solve slower."""


@dataclass(frozen=True)
class DerGrowth:
    """Times of one linear program by number of DERs [s].

    Attributes:
        feeder: its name.
        cold_s: built and solved.
        warm_s: solved with other load from the answer before.
    """

    feeder: str
    cold_s: dict[int, float]
    warm_s: dict[int, float]


def measure_der_growth(seed: int) -> DerGrowth | None:
    """Measure; None where the extra 'opf' is not installed."""
    cold_s = {}
    warm_s = {}
    for count in COUNTS:
        try:
            question = ask(load_feeder(FEEDER), count, seed, n_later=1)
        except MissingExtraError:
            return None
        except InputError:
            break  # no more buses to place them at
        (next_problem,) = question.next_problems
        cold_s[count], warm_s[count] = _best_times(question.problem, next_problem)
    return DerGrowth(FEEDER, cold_s, warm_s)


def _best_times(problem: Problem, next_problem: Problem) -> tuple[float, float]:
    """Seconds of a cold and of a warm solve."""
    cold_s = []
    warm_s = []
    for _ in range(TRIES):
        start_s = time.perf_counter()
        answer = solve_lp(problem)
        middle_s = time.perf_counter()
        solve_lp(next_problem, start=answer)
        cold_s.append(middle_s - start_s)
        warm_s.append(time.perf_counter() - middle_s)
    return min(cold_s), min(warm_s)
