"""The metrics of a battery run, means over its days unless said otherwise. Quantities by case:

    v_max_pu_<case>               highest voltage
    v_min_pu_<case>               lowest voltage; it is told, not kept
    violations_<case>             bus-steps above the limit, of the steps that were solved; None if none was
    steps_unjudged_<case>         steps without a power-flow solution: no pass and no violation
    reverse_kwh_critical_<case>   reverse power of the critical buses above theta in the hours at risk, less what others took
    reverse_kwh_day_<case>        the same over the whole day
    cost_usd_<case>               price times power at the source, losses included; what flows back is paid the same price
    bought_kwh_<case>             energy that the source delivers, losses included; what flows back is not taken off

Cases are those of `ways.cases`. On forecasts `csocc_known` is cooperation with the day known ahead, and beside a
chance-constrained plan `csocc_expected` is the plan for the day as expected. `violations_left_pct` is the part of the violations
without batteries that CSOCC leaves; `violations_unavoidable` are left by any use of the batteries, None on feeders where that is
not proven. Beside them `saving_vs_conventional_pct`, `gap_to_bound_pct` of CSOCC; `required_energy_kwh` (C_r, and what voltages
need beyond it), `lent_energy_kwh`, `missing_energy_kwh`; `assisting_buses`, `critical_buses`, `at_risk_h`;
`mcts_rank_correlation` (Kendall tau against the exhaustive ranking, the worst of regions and days), `mcts_episodes` (the last
that changed the first places, the most); `decision_ms` of CSOCC per step; `load_bill_usd`, the day's load at the pool price;
`cases_unjudged`, steps without a solution in all cases together, and `unjudged_pct` of all. Over several days: costs, energies
and counts of buses are means, violations and unjudged steps sums, voltages the highest and lowest. A cost is None if a step of
it is not known. The `usd` in a name is the `currency` of the configuration.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tieline.settings.currency import in_currency
from tieline.studies.answer import Metric
from tieline.studies.battery.ways.case import Case, judged_steps
from tieline.studies.battery.ways.cases import BESIDE, CASES, DayAnswer
from tieline.studies.unjudged import count_unjudged, finite_or_none
from tieline.typing import FloatArray


def make_metrics(answers: list[DayAnswer]) -> dict[str, Metric]:
    """All metrics by name."""
    metrics: dict[str, Metric] = {}
    # the bound may be missing on some of the days: a mean over the others would mislead
    for name in (*CASES, *BESIDE):
        if all(name in answer.cases for answer in answers):
            metrics |= _of_case(name, answers)
    metrics |= _percentages(metrics, _amount("cost", answers))
    metrics |= _of_violations(metrics, answers)
    metrics |= _of_loans(answers)
    metrics |= _of_risk(answers)
    metrics |= _of_search(answers)
    metrics |= _of_run(answers)
    return metrics | _of_unjudged(answers)


def _amount(quantity: str, answers: list[DayAnswer]) -> str:
    """The name of an amount of money, which carries the currency."""
    return in_currency(quantity, answers[0].question.config.currency)


def _of_case(name: str, answers: list[DayAnswer]) -> dict[str, Metric]:
    cases = [answer.cases[name] for answer in answers]
    n_judged = judged_steps(cases)
    violations = sum(case.violations for case in cases)
    mean_cost = _mean(float(case.cost.sum()) for case in cases)
    day_kwh = [float(_reverse_kwh(answer, name).sum()) for answer in answers]
    risk_kwh = [_reverse_kwh_at_risk(answer, name) for answer in answers]
    bought_kwh = [case.bought_kwh(answers[0].day.hours) for case in cases]
    return {
        f"v_max_pu_{name}": finite_or_none(_highest(case.v_pu for case in cases)),
        f"v_min_pu_{name}": finite_or_none(-_highest(-case.v_low_pu for case in cases)),
        f"violations_{name}": violations if n_judged else None,
        f"steps_unjudged_{name}": _n_steps(cases) - n_judged,
        f"reverse_kwh_critical_{name}": _mean(risk_kwh),
        f"reverse_kwh_day_{name}": _mean(day_kwh),
        f"{_amount('cost', answers)}_{name}": finite_or_none(mean_cost),
        f"bought_kwh_{name}": finite_or_none(_mean(bought_kwh)),
    }


def _reverse_kwh(answer: DayAnswer, name: str) -> FloatArray:
    """Reverse energy of the critical buses above the limit, (step, bus) [kWh]."""
    return answer.day.hours * answer.cases[name].reverse_kw * answer.critical_buses


def _reverse_kwh_at_risk(answer: DayAnswer, name: str) -> float:
    return float(_reverse_kwh(answer, name)[answer.steps_at_risk].sum())


def _percentages(metrics: dict[str, Metric], cost: str) -> dict[str, Metric]:
    """Saving and gap of CSOCC [%]; None where a cost is not known."""
    csocc = metrics[f"{cost}_csocc"]
    rule = metrics[f"{cost}_conventional"]
    bound = metrics.get(f"{cost}_bound")
    return {
        "saving_vs_conventional_pct": _more_pct(rule, csocc, of=rule),
        "gap_to_bound_pct": _more_pct(csocc, bound, of=bound),
    }


def _more_pct(larger: Metric, smaller: Metric, of: Metric) -> float | None:
    """By how much one cost is more than another [% of the size of a third]."""
    if (
        not isinstance(larger, float)
        or not isinstance(smaller, float)
        or not isinstance(of, float)
    ):
        return None
    if of == 0:
        return None
    # of its size: where prices are below zero a cost is too, and the sign must still say which is dearer
    return 100 * (larger - smaller) / abs(of)


def _of_violations(
    metrics: dict[str, Metric], answers: list[DayAnswer]
) -> dict[str, Metric]:
    """What CSOCC leaves of the violations, and what any use of the batteries leaves; None where there is nothing to compare."""
    idle = metrics["violations_none"]
    csocc = metrics["violations_csocc"]
    left_pct = None
    if isinstance(idle, int) and isinstance(csocc, int) and idle > 0:
        left_pct = 100 * csocc / idle
    of_days = [answer.violations_unavoidable for answer in answers]
    proven = [count for count in of_days if count is not None]
    unavoidable = None
    if len(proven) == len(of_days):
        unavoidable = sum(proven)
    return {
        "violations_left_pct": left_pct,
        "violations_unavoidable": unavoidable,
    }


def _of_loans(answers: list[DayAnswer]) -> dict[str, Metric]:
    loans = [decision.loan for answer in answers for decision in answer.csocc.decisions]
    required_kwh = sum(loan.required_kwh for loan in loans) / len(answers)
    missing_kwh = sum(loan.missing_kwh for loan in loans) / len(answers)
    return {
        "required_energy_kwh": required_kwh,
        "lent_energy_kwh": required_kwh - missing_kwh,
        "missing_energy_kwh": missing_kwh,
        "assisting_buses": _mean(
            float((answer.lent_kwh > 0).sum()) for answer in answers
        ),
    }


def _of_risk(answers: list[DayAnswer]) -> dict[str, Metric]:
    return {
        "critical_buses": _mean(
            float(answer.critical_buses.sum()) for answer in answers
        ),
        "at_risk_h": _mean(
            float(answer.steps_at_risk.sum()) * answer.day.hours for answer in answers
        ),
    }


def _of_search(answers: list[DayAnswer]) -> dict[str, Metric]:
    """The worst of all regions and days; None if nothing was ranked."""
    decisions = [decision for answer in answers for decision in answer.csocc.decisions]
    regions = [region for decision in decisions for region in decision.regions]
    rankings = [region.ranking for region in regions if region.ranking is not None]
    return {
        "mcts_rank_correlation": min(
            (ranking.correlation for ranking in rankings), default=None
        ),
        "mcts_episodes": max(
            (ranking.learned.last_change for ranking in rankings), default=None
        ),
    }


def _of_run(answers: list[DayAnswer]) -> dict[str, Metric]:
    step_s = [answer.decision_s / answer.day.n_steps for answer in answers]
    load_bill = _mean(answer.day.load_bill for answer in answers)
    return {
        "decision_ms": 1000 * _mean(step_s),
        _amount("load_bill", answers): load_bill,
        "batteries": answers[0].question.plant.n_batteries,
    }


def _of_unjudged(answers: list[DayAnswer]) -> dict[str, Metric]:
    cases = [case for answer in answers for case in answer.cases.values()]
    n_steps = _n_steps(cases)
    n_judged = judged_steps(cases)
    return count_unjudged(n_steps - n_judged, n_steps)


def _n_steps(cases: list[Case]) -> int:
    return sum(len(case.cost) for case in cases)


def _highest(arrays: Iterable[FloatArray]) -> float:
    """The highest of all numbers; NaN if there is none."""
    highest = [np.fmax.reduce(array, axis=None) for array in arrays]
    return float(np.fmax.reduce(highest))


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
