"""What a battery result must say about itself: what is missing, what broke, what was approximated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.profiles.told import tell_unasked_place
from tieline.reports.numbers import with_unit
from tieline.reports.remarks import Remark, approximated, broken
from tieline.settings.currency import in_currency
from tieline.studies.answer import Metric
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.telling.sections.plans import plan_words
from tieline.studies.battery.ways.case import judged_steps
from tieline.studies.battery.ways.cases import DayAnswer
from tieline.studies.battery.ways.loan_decision import LoanDecision
from tieline.studies.battery.world.days import Day
from tieline.studies.battery.world.question import Question
from tieline.studies.battery.world.unsolved import tell_unsolved
from tieline.studies.feeder_ders import tell_bright_sun
from tieline.studies.load_model import tell_load_model
from tieline.studies.unjudged import finite_or_none

SMALL_BILL = 0.2
"""A bill below this share of what the load alone would cost makes percentages of it look large."""

NOTICED_KWH = 0.05
"""Energy below which nothing is said to be missing: it shows as 0."""


def make_remarks(answers: list[DayAnswer], metrics: dict[str, Metric]) -> list[Remark]:
    """One sentence each."""
    config = answers[0].question.config
    solution = answers[0].cases["none"].solution
    moment = "Without batteries, in the step with most of them"
    breaches = []
    caveats = []
    for k, answer in enumerate(answers):
        label = ""
        if len(answers) > 1:
            label = f"Day {k + 1}: "
        breaches += [label + text for text in _broken_on_day(answer)]
        caveats += [label + text for text in _of_day(answer)]
    caveats += tell_bright_sun(answers[0].day.sun_pu)
    caveats += tell_unasked_place(
        answers[0].question.plant.network.feeder,
        config.drawn_profiles,
        config.sun_table,
    )
    caveats += _of_bill(metrics, answers[0].question.config.currency)
    caveats += _of_model(answers[0].question, metrics)
    caveats += tell_load_model(solution, config.load_model, moment)
    return [*broken(dict.fromkeys(breaches)), *approximated(dict.fromkeys(caveats))]


def _broken_on_day(answer: DayAnswer) -> Iterator[str]:
    """What is missing, and what could not be kept."""
    for decision in answer.csocc.decisions:
        yield from _of_decision(decision, answer.question.config)
    yield from _of_violations(answer)


def _of_day(answer: DayAnswer) -> Iterator[str]:
    solutions = {name: case.solution for name, case in answer.cases.items()}
    yield from tell_unsolved(answer.day, solutions)
    yield from _of_prices(answer.day)
    decisions = answer.csocc.decisions
    if not any(decision.regions for decision in decisions):
        yield _of_nobody(answer)
    yield from _of_unkept(answer)
    yield from _of_bound(answer)


def _of_prices(day: Day) -> Iterator[str]:
    """Prices below zero are common in markets, and often a slip of the sign."""
    count = int((day.price < 0).sum())
    if count:
        lowest = 1000 * float(day.price.min())
        yield (
            f"The price is below zero in {count} steps, the lowest {lowest:g} per MWh: who takes energy is paid then. "
            "Batteries charge and never discharge in these steps."
        )


def _of_nobody(answer: DayAnswer) -> str:
    """Why nobody cooperated, as far as the day was judged."""
    idle = answer.cases["none"]
    limit_pu = answer.question.limit_pu
    n_judged = judged_steps([idle])
    n_steps = answer.day.n_steps
    nobody = "No bus"
    if n_judged < n_steps:
        nobody = f"In the {n_judged} of {n_steps} steps that were solved no bus"
    verb = "was foreseen to pass" if idle.violations else "passes"
    return f"{nobody} {verb} {limit_pu:g} pu without batteries: nobody cooperated."


def _of_decision(decision: LoanDecision, config: BatteryConfig) -> Iterator[str]:
    """Who cannot assist, and what is missing."""
    for region in decision.regions:
        if region.ranking is None:
            yield (
                f"Nobody can assist the region at bus {region.buses[0]}: no bus with a battery that would lower its voltage is "
                f"below {config.critical_pu:g} pu when it is at its worst."
            )
    loan = decision.loan
    if loan.missing_kwh > NOTICED_KWH:
        required = with_unit(loan.required_kwh, "kWh")
        missing = with_unit(loan.missing_kwh, "kWh")
        loans = with_unit(loan.required_kwh - loan.missing_kwh, "kWh")
        yield (
            f"The answer is partial: to keep voltages, and a reverse power of {config.theta_words} at critical buses in "
            f"the hours at risk, takes {required} more than their own batteries hold; all {len(loan.lenders)} "
            f"assisting buses at their limit lend {loans}; {missing} are "
            "missing. Raise --alpha-a-pct, --battery-pct or --battery-hours, or allow more reverse power."
        )


def _of_violations(answer: DayAnswer) -> Iterator[str]:
    """What CSOCC could not keep."""
    csocc = answer.cases["csocc"]
    if csocc.violations:
        question = answer.question
        step, bus = divmod(int(np.nanargmax(csocc.v_pu)), question.plant.n_buses)
        bus_name = question.plant.bus_names[bus]
        yield (
            f"With cooperation {csocc.violations} bus-steps stay above {question.limit_pu:g} pu, the highest "
            f"{csocc.v_pu[step, bus]:.4f} pu at bus {bus_name}, {answer.day.times[step]:%H:%M}.{_of_least(answer)}"
        )


def _of_least(answer: DayAnswer) -> str:
    """How few violations there can be, after a sentence; empty if nothing is known of it."""
    sentence = ""
    if "csocc_known" in answer.cases:
        count = answer.cases["csocc_known"].violations
        sentence += f" With the day known ahead it would be {count}."
    least = answer.violations_unavoidable
    if least:
        sentence += (
            f" No use of these batteries leaves fewer than {least}: so many remain with all of them at rated charge. Raise "
            "--battery-pct, or lower --pv-pct."
        )
    return sentence


def _of_unkept(answer: DayAnswer) -> Iterator[str]:
    """What was reserved and not charged."""
    charged_kw = answer.cases["csocc"].schedule.charge_kw
    unkept_kw = np.maximum(answer.csocc.reserved_kw - charged_kw, 0.0)
    unkept_kwh = answer.day.hours * float(unkept_kw.sum())
    if unkept_kwh > NOTICED_KWH:
        yield (
            f"Batteries did not charge {unkept_kwh:.1f} kWh of what was reserved, since they were full by then: they look "
            f"{answer.question.config.horizon_h:g} h ahead, and forecasts may err."
        )


def _of_bound(answer: DayAnswer) -> Iterator[str]:
    """What the bound proves, or why there is none."""
    bound = answer.bound
    question = answer.question
    currency = question.config.currency
    if bound is None:
        return
    if isinstance(bound, str):
        yield f"There is no bound: {bound}"
    elif bound.lowest_cost is None:
        yield "The bound is the optimum of a network linearised anew until AC agrees; it is no proof that nothing costs less."
    else:
        cost = finite_or_none(float(answer.cases["bound"].cost.sum()))
        on_ac = "was not solved in every step"
        if cost is not None:
            on_ac = f"costs {cost:.2f} {currency}"
        yield (
            f"The bound is proven: no schedule with voltages up to {question.limit_pu:g} pu costs less than "
            f"{bound.lowest_cost:.2f} {currency}; the optimum's own schedule {on_ac} on AC."
        )


def _of_bill(metrics: dict[str, Metric], currency: str) -> Iterator[str]:
    """A small bill makes any saving look large."""
    cost = in_currency("cost", currency)
    bill = metrics[f"{cost}_conventional"]
    csocc = metrics[f"{cost}_csocc"]
    load = metrics[in_currency("load_bill", currency)]
    if not (
        isinstance(bill, float) and isinstance(csocc, float) and isinstance(load, float)
    ):
        return  # a cost that is not known has no share
    if abs(bill) < SMALL_BILL * load:
        saved = bill - csocc
        yield (
            f"PV feeds back nearly as much as the load costs: the bill is {bill:.0f} of {load:.0f} {currency}. Percentages of it "
            f"look large; cooperation saves {saved:.2f} {currency} against the conventional rule, "
            f"{100 * saved / load:.1f} % of the load's cost."
        )


def _of_forecast(config: BatteryConfig) -> str:
    """What is known ahead."""
    if config.forecast == "perfect":
        return "Load, sun and price of the day are known ahead; --forecast drawn makes them uncertain."
    far = config.forecasts
    return (
        f"{plan_words(config)} They are decided every {config.coordinate_every_h:g} h for the rest of the day, batteries plan "
        "anew in each step; "
        "figures of loans are those of the decision with the largest need. Far ahead forecasts err by "
        f"{far.load_spread:.0%} of each load, {far.sun_spread:.0%} of the sun and {far.price_spread:.0%} of the price (standard "
        "deviation). The conventional rule and the bound know the day."
    )


def _of_model(question: Question, metrics: dict[str, Metric]) -> Iterator[str]:
    """What was approximated or left out."""
    config = question.config
    plant = question.plant
    feeder = plant.feeder
    yield _of_forecast(config)
    yield "Lent energy is an account: what a critical bus feeds back is charged elsewhere; voltages are those of AC."
    if not config.wants_bound(plant.n_batteries):
        yield "There is no bound beside the cases: it was not asked for (--bound lp), or there are too many batteries."
    if feeder.has_controls:
        yield f"Regulators and capacitors are held where they {_held(config)}, in all cases and all day."
    csocc = _pu(metrics["v_min_pu_csocc"])
    idle = _pu(metrics["v_min_pu_none"])
    scope = " in the steps that were solved" if metrics["cases_unjudged"] else ""
    lowest = f"the lowest voltage{scope} is {csocc} with cooperation, {idle} without batteries"
    yield f"Low voltage and loading are not kept: {lowest}."


def _held(config: BatteryConfig) -> str:
    if config.controls == "hold":
        return "rest under the highest sun with idle batteries"
    return "are stated"


def _pu(value: Metric) -> str:
    if isinstance(value, float):
        return f"{value:.4f} pu"
    return "not known"
