"""What the page says of plans for days that are only forecast: what each leaves and costs, and where batteries are too small."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tieline.bench.battery.forecast_plans import (
    EXPECTED,
    HELD_OUT_SEED,
    IDLE,
    KNOWN,
    SMALLER,
    ForecastTrials,
    PlanDay,
    PlanTrial,
)
from tieline.bench.kit.markdown import Section, Table
from tieline.bench.kit.spread import Spread
from tieline.studies.battery.config import BatteryConfig
from tieline.typing import FloatArray

DIGITS = 2
"""Of a mean difference: hundredths of a violation and of a percent."""

NORMAL_95 = 1.96
"""Half the width of a 95 % interval of a mean, in standard errors."""


def forecast_section(trials: ForecastTrials) -> Section:
    """Plans side by side, then batteries of other sizes."""
    n_days = len(trials.plans.of(EXPECTED))
    text = (
        f"{n_days} days of seed {HELD_OUT_SEED}, on which no setting was tried; all plans meet the same forecasts. {_errors()} "
        "Differences are taken day by day from the plan as expected, with the 95 % interval of their mean; costs are shares of "
        "what the load alone would cost. A chance-constrained plan lends for the surplus of its risk (of each step), so the part "
        "of days with a violation is no number it promises: a day has many steps at risk, whose errors are alike. PV is never "
        "curtailed."
    )
    return Section(
        "Plans on forecasts",
        [text, _plans(trials.plans), _sizes_text(trials.sizes), _sizes(trials.sizes)],
    )


def _errors() -> str:
    config = BatteryConfig()
    far = config.forecasts
    return (
        f"Far ahead forecasts err by {far.load_spread:.0%} of each load, {far.sun_spread:.0%} of the sun and "
        f"{far.price_spread:.0%} of the price (standard deviation); loans are decided anew every "
        f"{config.coordinate_every_h:g} h where nothing else is said."
    )


def _plans(trial: PlanTrial) -> Table:
    headings = (
        "plan",
        "violations a day, mean",
        "std",
        "most",
        "days with one [%]",
        "against expected",
        "left of those without batteries [%]",
        "cost against expected [% of the load's]",
        "bought against expected [%]",
        "highest voltage [pu]",
    )
    expected = trial.of(EXPECTED)
    idle = trial.of(IDLE)
    rows = [
        _plan_row(name, trial.of(name), expected, idle)
        for name in trial.plans
        if len(trial.of(name)) == len(expected)
    ]
    return Table(headings, rows, "l" + "r" * (len(headings) - 1))


def _plan_row(
    name: str,
    days: Sequence[PlanDay],
    expected: Sequence[PlanDay],
    idle: Sequence[PlanDay],
) -> tuple[str, ...]:
    violations = _violations(days)
    spread = Spread.of(violations)
    load_bill = np.array([day.load_bill for day in days])
    extra_pct = 100 * (_costs(days) - _costs(expected)) / load_bill
    bought_kwh = np.array([day.bought_kwh for day in days])
    expected_kwh = np.array([day.bought_kwh for day in expected])
    bought_pct = 100 * (bought_kwh - expected_kwh) / expected_kwh
    highest_pu = max(day.v_max_pu for day in days)
    return (
        name,
        f"{spread.mean:.2f}",
        f"{spread.std:.2f}",
        f"{spread.highest:.0f}",
        f"{100 * (violations > 0).mean():.0f}",
        _with_interval(violations - _violations(expected), "+.2f"),
        f"{100 * violations.sum() / _violations(idle).sum():.1f}",
        _with_interval(extra_pct, "+.2f"),
        _with_interval(bought_pct, "+.2f"),
        f"{highest_pu:.4f}",
    )


def _violations(days: Sequence[PlanDay]) -> FloatArray:
    return np.array([day.violations for day in days], dtype=float)


def _costs(days: Sequence[PlanDay]) -> FloatArray:
    return np.array([day.cost for day in days])


def _with_interval(differences: FloatArray, spec: str) -> str:
    """A mean with its 95 % interval; without one for a single day, and for what differs from itself by nothing."""
    # a zero of rounding has no sign
    mean = round(float(differences.mean()), DIGITS) + 0.0
    mean_text = format(mean, spec)
    if len(differences) < 2 or not differences.any():
        return mean_text
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return f"{mean_text} ± {format(NORMAL_95 * float(error), spec.lstrip('+'))}"


def _sizes_text(sizes: Sequence[PlanTrial]) -> str:
    n_days = len(sizes[0].of(EXPECTED))
    return (
        f"The first {n_days} of these days with batteries of other sizes, violations a day. *Unavoidable* are those that remain "
        "with every battery charging at rated power in every step: no control leaves fewer, and the least that one can leave "
        "lies between them and the lowest number of the row. Where cooperation leaves some with the day known ahead, no forecast "
        "is at fault: the batteries are too small, or lend too little."
    )


def _sizes(sizes: Sequence[PlanTrial]) -> Table:
    names = (IDLE, *(plan.name for plan in SMALLER), KNOWN)
    rows = [_size_row(trial, names) for trial in sizes]
    headings = ("power [% of load]", "energy [h]", *names, "unavoidable")
    return Table(headings, rows, "r" * len(headings))


def _size_row(trial: PlanTrial, names: Sequence[str]) -> tuple[str, ...]:
    size = (f"{trial.battery_pct:g}", f"{trial.battery_hours:g}")
    violations = [_violations(trial.of(name)) for name in names]
    means = [f"{of_plan.mean():.2f}" for of_plan in violations]
    unavoidable = [day.unavoidable for day in trial.of(KNOWN)]
    proven = [count for count in unavoidable if count is not None]
    least = ""
    # a mean over some of the days would be of other days than the rest of the row
    if len(proven) == len(unavoidable):
        least = f"{np.mean(proven):.2f}"
    return (*size, *means, least)
