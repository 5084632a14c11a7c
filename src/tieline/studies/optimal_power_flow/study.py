"""Optimal power flow of one hour: what DERs should do at least cost, what energy is worth at each node, and what AC says to it.

    minimise   price x P bought + sum of cost x P + square x P^2 of DERs - value of load served, within all limits

The formulations stand in `tieline.opf`. Beside the optimum stands the feeder as it is, and what its regulators would do next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from tieline.errors import NotConvergedError
from tieline.feeders import Feeder
from tieline.opf import Answer as Optimum
from tieline.opf import Prices, Problem, Replay, replay, solve_lp, solve_nlp, solve_socp
from tieline.opf.prices import from_duals
from tieline.powerflow import Solution, solve
from tieline.studies.answer import Answer, Metric, Tell, notes_beyond
from tieline.studies.load_model import tell_load_model
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.optimal_power_flow.question import make_question
from tieline.studies.optimal_power_flow.remarks import remarks
from tieline.studies.optimal_power_flow.tables import (
    answer_tables,
    nothing_done,
    voltage_extremes,
)
from tieline.studies.unjudged import finite_or_none, why_unsolved

SOLVERS: dict[str, Callable[[Problem], Optimum]] = {
    "nlp": solve_nlp,
    "socp": solve_socp,
    "lp": solve_lp,
}


def answer(feeder: Feeder, config: OptimalPowerFlowConfig, tell: Tell) -> Answer:
    """Answer one optimal power flow.

    Args:
        feeder: whose DERs act.
        config: the question.
        tell: is told steps done and steps in all.

    Returns:
        Metrics `currency` (of all costs and prices), `cost_per_h` (by the formulation), `ac_cost_per_h` (on AC, of which
        `bought_per_h`, `ders_per_h` and minus `served_value_per_h`), `cost_before_per_h`, `bought_kw`, `ders_kw`, `ders_kvar`,
        `shed_kw`, `loss_kw`, `loss_before_kw`,
        `v_low_pu`, `v_low_at`, `v_high_pu`, `v_high_at`, `violations`, `worst_violation_pct`, `violations_before`, `price_low`,
        `price_low_at`, `price_high`, `price_high_at`, `source_price`, `lowest_allowed_pu` and `highest_allowed_pu` (the widest of
        all buses), `relaxation_gap_kw`, `relaxation_gap_at`, `taps_that_move`, `violations_after_taps`, `solver`, `iterations`,
        `solver_s`; None for what does not exist. Tables `set_points`, `prices`,
        `buses`, `limits`, `violations`, and where they apply `loads`, `gaps`.

    Raises:
        InputError, FeederError: if the configuration cannot be used on the feeder.
        NotConvergedError: if the AC power flow at the set-points has no solution: nothing judges them.
        NoAnswerError: if no set-points keep the limits (it holds the smallest relaxation), or none were found.
    """
    tell(0, 3, "the feeder as it stands")
    problem = make_question(feeder, config)
    tell(1, 3, "the optimum")
    optimum = SOLVERS[config.formulation](problem)
    _require_solved(optimum)
    tell(2, 3, "prices")
    # From here on nothing is decided: AC judges the set-points, and the feeder as it stands is put beside them.
    checked = Checked(optimum)
    prices = from_duals(optimum)
    tables = answer_tables(optimum, prices, checked.before)
    metrics = _metrics(checked, prices, tables["violations"], config.currency)
    tell(3, 3, "done")
    about_ders = notes_beyond(feeder, problem.network.feeder)
    loads = tell_load_model(
        optimum.replay.solution, config.load_model, "With the set-points"
    )
    broken = remarks(optimum, config, metrics, tables["violations"])
    return Answer(metrics, tables, [*about_ders, *broken, *loads])


def _require_solved(optimum: Optimum) -> None:
    """Set-points that AC cannot judge are no optimum."""
    solution = optimum.replay.solution
    if not solution.converged[0]:
        raise NotConvergedError(
            f"The set-points of the {optimum.method} could not be judged: with them the AC power flow "
            f"{why_unsolved(int(solution.outcome[0]))}. Take another formulation (--formulation nlp knows the AC equations)."
        )


@dataclass(frozen=True, eq=False)
class Checked:
    """An optimum, and what it is held against."""

    optimum: Optimum

    @cached_property
    def before(self) -> Replay:
        """The feeder as it stands: DERs as in its snapshot, all load served."""
        return replay(self.optimum.problem, *nothing_done(self.optimum.problem))

    @cached_property
    def settled(self) -> Solution:
        """The set-points when regulators and capacitors are let go."""
        optimum = self.optimum
        problem = optimum.problem
        capacitors = problem.network.feeder.capacitors
        steps = np.array([capacitor.steps for capacitor in capacitors], dtype=float)
        share_on = problem.setting.state[problem.network.states.capacitors]
        return solve(
            problem.network,
            load_kw=problem.steps.load_kw * optimum.served,
            load_kvar=problem.steps.load_kvar * optimum.served,
            der_kw=optimum.der_kw,
            der_kvar=optimum.der_kvar,
            taps=problem.taps,
            capacitor_steps=share_on * steps,
        )


def _metrics(
    checked: Checked, prices: Prices, violations: pd.DataFrame, currency: str
) -> dict[str, Metric]:
    optimum = checked.optimum
    replayed = optimum.replay
    before = checked.before
    low, high = voltage_extremes(optimum)
    return {
        "currency": currency,
        **_costs(optimum),
        "cost_before_per_h": finite_or_none(before.objective),
        "bought_kw": float(replayed.source_kw[0]),
        "ders_kw": float(optimum.der_kw.sum()),
        "ders_kvar": float(optimum.der_kvar.sum()),
        "shed_kw": float((optimum.problem.steps.load_kw * (1 - optimum.served)).sum()),
        "loss_kw": float(replayed.solution.loss_kw[0]),
        "loss_before_kw": finite_or_none(float(before.solution.loss_kw[0])),
        "v_low_pu": low[0],
        "v_low_at": low[1],
        "v_high_pu": high[0],
        "v_high_at": high[1],
        "violations": len(violations),
        "worst_violation_pct": float(violations["excess_pct"].max())
        if len(violations)
        else 0.0,
        "violations_before": len(before.violations)
        if before.solution.converged[0]
        else None,
        **_price_range(optimum, prices),
        **_terms(optimum.problem),
        **_gap(optimum),
        **_after_taps(checked),
        "solver": f"{optimum.method}: {optimum.status}",
        "iterations": optimum.iterations,
        "solver_s": optimum.solve_s,
    }


def _costs(optimum: Optimum) -> dict[str, Metric]:
    """The cost by the formulation, on AC, and the parts of the latter."""
    problem = optimum.problem
    replayed = optimum.replay
    ders = (
        problem.ders.cost * optimum.der_kw
        + problem.ders.cost_square * optimum.der_kw**2
    )
    served_kw = problem.steps.load_kw * optimum.served
    # load that may not be shed has no value of its own: it is served at any price
    value = np.where(
        problem.flexible.is_flexible, problem.flexible.value * served_kw, 0.0
    )
    return {
        "cost_per_h": optimum.objective,
        "ac_cost_per_h": replayed.objective,
        "bought_per_h": float((problem.steps.price * replayed.source_kw).sum()),
        "ders_per_h": float(ders.sum()),
        "served_value_per_h": float(value.sum()),
    }


def _price_range(optimum: Optimum, prices: Prices) -> dict[str, Metric]:
    """The cheapest and the dearest node."""
    total = prices.total[0]
    names = optimum.problem.network.node_names
    cheapest = int(total.argmin())
    dearest = int(total.argmax())
    return {
        "price_low": float(total[cheapest]),
        "price_low_at": names[cheapest],
        "price_high": float(total[dearest]),
        "price_high_at": names[dearest],
    }


def _terms(problem: Problem) -> dict[str, Metric]:
    """Price at the source and the widest voltage limits."""
    return {
        "source_price": float(problem.steps.price[0]),
        "lowest_allowed_pu": float(problem.limits.v_min_pu.min(initial=np.inf)),
        "highest_allowed_pu": float(problem.limits.v_max_pu.max(initial=-np.inf)),
    }


def _gap(optimum: Optimum) -> dict[str, Metric]:
    """The sum of all gaps of the relaxation, and the branch with the largest."""
    if optimum.relaxation_gap_kw is None:
        return {"relaxation_gap_kw": None, "relaxation_gap_at": None}
    gap = optimum.relaxation_gap_kw[0]
    return {
        "relaxation_gap_kw": float(gap.sum()),
        "relaxation_gap_at": optimum.gap_names[int(gap.argmax())],
    }


def _after_taps(checked: Checked) -> dict[str, Metric]:
    """How many regulators would move from where they were held, and what breaks once they have."""
    problem = checked.optimum.problem
    settled = checked.settled
    if not settled.converged[0]:
        return {"taps_that_move": None, "violations_after_taps": None}
    replayed = Replay(problem, settled, checked.optimum.der_kw, checked.optimum.served)
    return {
        "taps_that_move": int((settled.taps[0] != problem.taps).sum()),
        "violations_after_taps": len(replayed.violations),
    }
