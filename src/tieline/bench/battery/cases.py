"""The battery study on the published case, on other days, with other batteries and on other feeders, and its goals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tieline.bench.kit.goals import Goal, at_most
from tieline.feeders import library_names
from tieline.settings.limit_fields import MOST_PU
from tieline.studies.result import Result
from tieline.studies.shell import run_study

BELOW_HIGHEST_PU = 0.001
"""How far below the highest voltage of a day without batteries the limit is set."""

SMALL_LOAN_PCT = 10.0
"""The thesis' share, read as one of the battery."""

DAYS = 10
SWEEP_HOURS = "0.5,1,2,3,4"
NO_LIMIT_PU = MOST_PU
"""The highest that a limit may be; no voltage reaches it."""

EPISODES = 600
GAP_PCT = 2.0


@dataclass(frozen=True)
class Cases:
    """Results of the study.

    Attributes:
        published, small_loans: the published case, and with loans of 10 %.
        days, forecast: the published case on several drawn days, known ahead, and on forecasts with a chance-constrained plan.
        sweep, small_sweep: battery energies, both sizes of loans.
        feeders: every bundled feeder by name, its limit a little below its highest voltage without batteries.
    """

    published: Result
    small_loans: Result
    days: Result
    forecast: Result
    sweep: Result
    small_sweep: Result
    feeders: dict[str, Result]


def play_cases(tell: Callable[[str], None] = lambda _: None) -> Cases:
    """Play all of them; takes minutes, nearly all for the bounds."""
    tell("the published case")
    published = run_study("battery")
    small_loans = run_study("battery", alpha_a_pct=SMALL_LOAN_PCT)
    tell(f"{DAYS} days")
    days = run_study("battery", scenarios=DAYS)
    forecast = run_study(
        "battery",
        scenarios=DAYS,
        forecast="drawn",
        plan="chance-constrained",
        bound="off",
    )
    tell("battery energies")
    sweep = run_study("battery", sweep_hours=SWEEP_HOURS, bound="off")
    small_sweep = run_study(
        "battery", sweep_hours=SWEEP_HOURS, bound="off", alpha_a_pct=SMALL_LOAN_PCT
    )
    feeders = {}
    for name in library_names():
        tell(name)
        feeders[name] = _below_highest(name)
    return Cases(published, small_loans, days, forecast, sweep, small_sweep, feeders)


def _below_highest(name: str) -> Result:
    """A feeder whose limit is a little below its highest voltage without batteries."""
    # the highest voltage does not depend on the batteries: a run without limit finds it
    unlimited = run_study("battery", feeder=name, bound="off", highest_pu=NO_LIMIT_PU)
    highest_pu = unlimited.number("v_max_pu_none")
    limit_pu = round(highest_pu - BELOW_HIGHEST_PU, 4)
    return run_study("battery", feeder=name, highest_pu=limit_pu)


SOLVED_TO = 1e-6
"""Numbers are compared as far as the solvers go."""


def goals(cases: Cases) -> list[Goal]:
    """The goals of the study, held against the published case and the 123-node feeder."""
    published = cases.published.number
    phases = cases.feeders["ieee123"].number
    values = {
        "violations with CSOCC, 33 buses [bus-steps]": (
            published("violations_csocc"),
            0,
        ),
        "reverse energy of the critical buses at risk with CSOCC [kWh]": (
            published("reverse_kwh_critical_csocc"),
            0,
        ),
        "cost of CSOCC above the bound [%]": (published("gap_to_bound_pct"), GAP_PCT),
        "episodes to the exhaustive ranking": (published("mcts_episodes"), EPISODES),
        "1 - tau of the learned ranking": (1 - published("mcts_rank_correlation"), 0),
        "violations with CSOCC, 123 nodes [bus-steps]": (phases("violations_csocc"), 0),
    }
    return [
        at_most(what, _as_solved(value, limit), limit)
        for what, (value, limit) in values.items()
    ]


def _as_solved(value: float, limit: float) -> float:
    """A value without what solvers leave of a difference to its limit."""
    if abs(value - limit) <= SOLVED_TO:
        return limit
    return round(value, 6)
