"""Optimal power flow of one hour: what DERs should do at least cost, what energy is worth at each node, and what AC says to it.

    minimise   price x P bought + sum of cost x P + square x P^2 of DERs - value of load served, within all limits

The formulations stand in `tieline.opf`. Beside the optimum stands the feeder as it is, and what its regulators would do next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tieline.errors import NotConvergedError
from tieline.feeders import Feeder
from tieline.opf import Answer as Optimum
from tieline.opf import InfeasibleError, Problem, solve_lp, solve_nlp, solve_socp
from tieline.opf.broken_before import Outside
from tieline.opf.prices import from_duals
from tieline.studies.answer import Answer, Tell, notes_beyond
from tieline.studies.broken_before import outside_table
from tieline.studies.optimal_power_flow.checked import Checked
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.optimal_power_flow.telling.metrics import make_metrics
from tieline.studies.optimal_power_flow.telling.remarks import make_remarks
from tieline.studies.optimal_power_flow.telling.tables import make_tables
from tieline.studies.optimal_power_flow.world.before import (
    find_outside,
    held_to_before,
)
from tieline.studies.optimal_power_flow.world.question import make_question
from tieline.studies.unjudged import why_unsolved

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
        Metrics of `telling.metrics`, tables of `telling.tables`.

    Raises:
        InputError, FeederError: if the configuration cannot be used on the feeder.
        NotConvergedError: if the AC power flow at the set-points has no solution: nothing judges them.
        NoAnswerError: if no set-points keep the limits (it holds the smallest relaxation), or none were found; where limits that
            are broken before may be kept as they are, if no set-points keep the others.
    """
    tell(0, 3, "the feeder as it stands")
    problem = make_question(feeder, config)
    tell(1, 3, "the optimum")
    outside = find_outside(problem)
    optimum, is_widened = _solve(problem, config, outside)
    _require_solved(optimum)
    tell(2, 3, "prices")
    # From here on nothing is decided: AC judges the set-points, and the feeder as it stands is put beside them.
    checked = Checked(optimum)
    prices = from_duals(optimum)
    before = outside_table([outside])
    tables = make_tables(optimum, prices, checked.before) | {"broken_before": before}
    metrics = make_metrics(checked, prices, tables["violations"], config.currency)
    metrics |= {"broken_before": len(before), "held_to_before": is_widened}
    tell(3, 3, "done")
    remarks = [
        *notes_beyond(feeder, problem.network.feeder),
        *make_remarks(optimum, config, metrics, tables),
    ]
    return Answer(metrics, tables, remarks)


def _solve(
    problem: Problem, config: OptimalPowerFlowConfig, outside: Sequence[Outside]
) -> tuple[Optimum, str]:
    """The optimum, and "yes" if limits had to be widened to what is there before for there to be one."""
    solver = SOLVERS[config.formulation]
    try:
        # set-points may mend what is broken before: they are asked to first
        return solver(problem), "no"
    except InfeasibleError:
        if config.broken_before == "stop" or not outside:
            raise
    return solver(held_to_before(problem)), "yes"


def _require_solved(optimum: Optimum) -> None:
    """Set-points that AC cannot judge are no optimum."""
    solution = optimum.replay.solution
    if not solution.converged[0]:
        raise NotConvergedError(
            f"The set-points of the {optimum.method} could not be judged: with them the AC power flow "
            f"{why_unsolved(int(solution.outcome[0]))}. Take another formulation (--formulation nlp knows the AC equations)."
        )
