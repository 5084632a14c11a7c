"""Optimal power flow of one hour: what DERs should do at least cost, what energy is worth at each node, and what AC says to it.

    minimise   price x P bought + sum of cost x P + square x P^2 of DERs - value of load served, within all limits

The formulations stand in `tieline.opf`. Beside the optimum stands the feeder as it is, and what its regulators would do next.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from tieline.errors import NotConvergedError
from tieline.opf import Answer, Prices, Problem, Replay, replay, solve_lp, solve_nlp, solve_socp
from tieline.opf.prices import from_duals
from tieline.powerflow import Solution, solve
from tieline.studies.load_model import tell_load_model
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.optimal_power_flow.question import make_question
from tieline.studies.optimal_power_flow.remarks import remarks
from tieline.studies.optimal_power_flow.tables import answer_tables, nothing_done, voltage_extremes
from tieline.studies.result import Metric, Result
from tieline.studies.unjudged import known, why_unsolved

Progress = Callable[[int, int, str], None]
SOLVERS: dict[str, Callable[[Problem], Answer]] = {
    "nlp": solve_nlp,
    "socp": solve_socp,
    "lp": solve_lp,
}


def run(config: OptimalPowerFlowConfig, progress: Progress | None = None) -> Result:
    """Answer one optimal power flow.

    Args:
        config: the question.
        progress: called with (steps done, steps in all, text).

    Returns:
        Metrics `cost_per_h` (by the formulation), `ac_cost_per_h` (on AC, of which `bought_per_h`, `ders_per_h` and minus
        `served_value_per_h`), `cost_before_per_h`, `bought_kw`, `ders_kw`, `ders_kvar`, `shed_kw`, `loss_kw`, `loss_before_kw`,
        `v_low_pu`, `v_low_at`, `v_high_pu`, `v_high_at`, `violations`, `worst_violation_pct`, `violations_before`, `price_low`,
        `price_low_at`, `price_high`, `price_high_at`, `source_price`, `lowest_allowed_pu` and `highest_allowed_pu` (the widest of
        all buses), `relaxation_gap_kw`, `relaxation_gap_at`, `taps_that_move`, `violations_after_taps`, `solver`, `iterations`,
        `solver_s`; None for what does not exist. Tables `set_points`, `prices`,
        `buses`, `limits`, `violations`, and where they apply `loads`, `gaps`.

    Raises:
        InputError, FeederError: if the feeder or the configuration cannot be used.
        NotConvergedError: if the AC power flow at the set-points has no solution, so that nothing judges them.
        NoAnswerError: if no set-points keep the limits (it holds the smallest relaxation), or none were found.
    """
    started = time.perf_counter()
    tell = progress or (lambda done, total, text: None)
    tell(0, 3, "the feeder as it stands")
    problem = make_question(config)
    tell(1, 3, "the optimum")
    answer = SOLVERS[config.formulation](problem)
    _require_solved(answer)
    tell(2, 3, "prices")
    checked = Checked(answer)
    prices = from_duals(answer)
    tables = answer_tables(answer, prices, checked.before)
    metrics = _metrics(checked, prices, tables["violations"])
    tell(3, 3, "done")
    notes = (str(note) for note in problem.network.feeder.notes)
    loads = tell_load_model(answer.replay.solution, config.load_model, "With the set-points")
    warnings = (*notes, *remarks(answer, config, metrics, tables["violations"]), *loads)
    return Result(
        "optimal-power-flow",
        config,
        metrics,
        tables,
        warnings,
        wall_s=time.perf_counter() - started,
    )


def _require_solved(answer: Answer) -> None:
    """Set-points that AC cannot judge are no answer."""
    solution = answer.replay.solution
    if not solution.converged[0]:
        raise NotConvergedError(
            f"The set-points of the {answer.method} could not be judged: with them the AC power flow "
            f"{why_unsolved(int(solution.outcome[0]))}. Take another formulation (--formulation nlp knows the AC equations)."
        )


@dataclass(frozen=True, eq=False)
class Checked:
    """An answer, and what it is held against."""

    answer: Answer

    @cached_property
    def before(self) -> Replay:
        """The feeder as it stands: DERs as in its snapshot, all load served."""
        return replay(self.answer.problem, *nothing_done(self.answer.problem))

    @cached_property
    def settled(self) -> Solution:
        """The set-points when regulators and capacitors are let go."""
        answer, problem = self.answer, self.answer.problem
        state, states = problem.setting.state, problem.network.states
        steps = np.array(
            [capacitor.steps for capacitor in problem.network.feeder.capacitors], dtype=float
        )
        return solve(
            problem.network,
            load_kw=problem.steps.load_kw * answer.served,
            load_kvar=problem.steps.load_kvar * answer.served,
            der_kw=answer.der_kw,
            der_kvar=answer.der_kvar,
            taps=problem.taps,
            capacitor_steps=state[states.capacitors] * steps,
        )


def _metrics(checked: Checked, prices: Prices, violations: pd.DataFrame) -> dict[str, Metric]:
    answer, here, before = checked.answer, checked.answer.replay, checked.before
    low, high = voltage_extremes(answer)
    return {
        **_costs(answer),
        "cost_before_per_h": known(before.objective),
        "bought_kw": float(here.source_kw[0]),
        "ders_kw": float(answer.der_kw.sum()),
        "ders_kvar": float(answer.der_kvar.sum()),
        "shed_kw": float((answer.problem.steps.load_kw * (1 - answer.served)).sum()),
        "loss_kw": float(here.solution.loss_kw[0]),
        "loss_before_kw": known(float(before.solution.loss_kw[0])),
        "v_low_pu": low[0],
        "v_low_at": low[1],
        "v_high_pu": high[0],
        "v_high_at": high[1],
        "violations": len(violations),
        "worst_violation_pct": float(violations["excess_pct"].max()) if len(violations) else 0.0,
        "violations_before": len(before.violations) if before.solution.converged[0] else None,
        **_price_range(answer, prices),
        **_terms(answer.problem),
        **_gap(answer),
        **_after_taps(checked),
        "solver": f"{answer.method}: {answer.status}",
        "iterations": answer.iterations,
        "solver_s": answer.solve_s,
    }


def _costs(answer: Answer) -> dict[str, Metric]:
    """The cost by the formulation, on AC, and the parts of the latter."""
    problem, here = answer.problem, answer.replay
    value = np.where(
        problem.flexible.is_flexible,
        problem.flexible.value * problem.steps.load_kw * answer.served,
        0.0,
    )
    return {
        "cost_per_h": answer.objective,
        "ac_cost_per_h": here.objective,
        "bought_per_h": float((problem.steps.price * here.source_kw).sum()),
        "ders_per_h": float(
            (problem.ders.cost * answer.der_kw + problem.ders.cost_square * answer.der_kw**2).sum()
        ),
        "served_value_per_h": float(value.sum()),
    }


def _price_range(answer: Answer, prices: Prices) -> dict[str, Metric]:
    """The cheapest and the dearest node."""
    total, names = prices.total[0], answer.problem.network.node_names
    low, high = int(total.argmin()), int(total.argmax())
    return {
        "price_low": float(total[low]),
        "price_low_at": names[low],
        "price_high": float(total[high]),
        "price_high_at": names[high],
    }


def _terms(problem: Problem) -> dict[str, Metric]:
    """Price at the source and the widest voltage limits."""
    return {
        "source_price": float(problem.steps.price[0]),
        "lowest_allowed_pu": float(problem.limits.v_min_pu.min(initial=np.inf)),
        "highest_allowed_pu": float(problem.limits.v_max_pu.max(initial=-np.inf)),
    }


def _gap(answer: Answer) -> dict[str, Metric]:
    """The sum of all gaps of the relaxation, and the branch with the largest."""
    if answer.relaxation_gap_kw is None:
        return {"relaxation_gap_kw": None, "relaxation_gap_at": None}
    gap = answer.relaxation_gap_kw[0]
    return {
        "relaxation_gap_kw": float(gap.sum()),
        "relaxation_gap_at": answer.gap_names[int(gap.argmax())],
    }


def _after_taps(checked: Checked) -> dict[str, Metric]:
    """How many regulators would move from where they were held, and what breaks once they have."""
    problem, settled = checked.answer.problem, checked.settled
    if not settled.converged[0]:
        return {"taps_that_move": None, "violations_after_taps": None}
    judged = Replay(problem, settled, checked.answer.der_kw, checked.answer.served)
    return {
        "taps_that_move": int((settled.taps[0] != problem.taps).sum()),
        "violations_after_taps": len(judged.violations),
    }
