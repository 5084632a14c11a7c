"""The battery study on the published case, on other days, with other batteries and on other feeders, for the docs page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tieline.bench.battery import BELOW_HIGHEST_PU
from tieline.bench.goals import Goal
from tieline.feeders import library_names
from tieline.studies.result import Result
from tieline.studies.shell import run_study

SMALL_LOAN_PCT = 10.0
"""The thesis' share, read as one of the battery."""

DAYS = 10
SWEEP_HOURS = "0.5,1,2,3,4"
NO_LIMIT_PU = 9.0
EPISODES = 600
GAP_PCT = 2.0


@dataclass(frozen=True)
class Cases:
    """Results of the study.

    Attributes:
        published, small_loans: the published case, and with loans of 10 %.
        days, forecast: the published case on several drawn days, known ahead and not.
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


def run(tell: Callable[[str], None] = lambda what: None) -> Cases:
    """Play all of them; takes minutes, nearly all for the bounds."""
    tell("the published case")
    published = run_study("battery")
    small = run_study("battery", alpha_a_pct=SMALL_LOAN_PCT)
    tell(f"{DAYS} days")
    days = run_study("battery", scenarios=DAYS)
    forecast = run_study("battery", scenarios=DAYS, forecast="drawn", bound="off")
    tell("battery energies")
    sweep = run_study("battery", sweep_hours=SWEEP_HOURS, bound="off")
    small_sweep = run_study(
        "battery", sweep_hours=SWEEP_HOURS, bound="off", alpha_a_pct=SMALL_LOAN_PCT
    )
    feeders = {}
    for name in library_names():
        tell(name)
        feeders[name] = _below_highest(name)
    return Cases(published, small, days, forecast, sweep, small_sweep, feeders)


def _below_highest(name: str) -> Result:
    """A feeder whose limit is a little below its highest voltage without batteries."""
    free = run_study("battery", feeder=name, bound="off", highest_pu=NO_LIMIT_PU)
    return run_study(
        "battery",
        feeder=name,
        highest_pu=round(free.number("v_max_pu_none") - BELOW_HIGHEST_PU, 4),
    )


def goals(cases: Cases) -> list[Goal]:
    """The goals of the study, held against the published case and the 123-node feeder."""
    number, phases = cases.published.number, cases.feeders["ieee123"].number
    limits = (
        ("violations with CSOCC, 33 buses [bus-steps]", number("violations_csocc"), 0),
        (
            "reverse energy of the critical buses at risk with CSOCC [kWh]",
            number("reverse_kwh_critical_csocc"),
            0,
        ),
        ("cost of CSOCC above the bound [%]", number("gap_to_bound_pct"), GAP_PCT),
        ("episodes to the exhaustive ranking", number("mcts_episodes"), EPISODES),
        ("1 - tau of the learned ranking", 1 - number("mcts_rank_correlation"), 0),
        ("violations with CSOCC, 123 nodes [bus-steps]", phases("violations_csocc"), 0),
    )
    return [
        Goal(what, f"{limit:g}", f"{round(value, 6):.3g}", value <= limit + 1e-6)
        for what, value, limit in limits
    ]
