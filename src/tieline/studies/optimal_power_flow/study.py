"""Optimal power flow of one hour: what DERs should do at least cost, what energy is worth at each node, and what AC says to it.

    minimise   price x P bought + sum of cost x P + square x P^2 of DERs - value of load served, within all limits

The formulations stand in `tieline.opf`. Beside the optimum stands the feeder as it is, and what its regulators would do next.
"""

from __future__ import annotations

from collections.abc import Callable

from tieline.errors import NotConvergedError
from tieline.feeders import Feeder
from tieline.opf import Answer as Optimum
from tieline.opf import Problem, solve_lp, solve_nlp, solve_socp
from tieline.opf.prices import from_duals
from tieline.studies.answer import Answer, Tell, notes_beyond
from tieline.studies.optimal_power_flow.checked import Checked
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.optimal_power_flow.telling.metrics import make_metrics
from tieline.studies.optimal_power_flow.telling.remarks import make_remarks
from tieline.studies.optimal_power_flow.telling.tables import make_tables
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
    tables = make_tables(optimum, prices, checked.before)
    metrics = make_metrics(checked, prices, tables["violations"], config.currency)
    tell(3, 3, "done")
    remarks = [
        *notes_beyond(feeder, problem.network.feeder),
        *make_remarks(optimum, config, metrics, tables["violations"]),
    ]
    return Answer(metrics, tables, remarks)


def _require_solved(optimum: Optimum) -> None:
    """Set-points that AC cannot judge are no optimum."""
    solution = optimum.replay.solution
    if not solution.converged[0]:
        raise NotConvergedError(
            f"The set-points of the {optimum.method} could not be judged: with them the AC power flow "
            f"{why_unsolved(int(solution.outcome[0]))}. Take another formulation (--formulation nlp knows the AC equations)."
        )
