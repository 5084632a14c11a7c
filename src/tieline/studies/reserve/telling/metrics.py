"""Metrics of a run, by names that stay the same from version to version.

    <quantity>_<case>            the learned policy; quantities `cost_usd`, `loss_kw`, `deviation_pct`, `objective`
    <quantity>_<case>_<who>      the others: `capacity`, `cheapest`, `merit` (rules), `paper` (the published allocation, replayed)
                                 and `optimum`
    objective_gap_pct            on held-out random requests, mean over requests and seeds of the trainings; with `_std`, `_best`,
                                 `_worst` over the seeds, and `gap_seeds`, their number
    objective_gap_pct_<who>      the same of the rules
    decision_ms, safe_decision_ms   a decision of the policy alone, and with the safety step's AC replay
    safety_touched               cases in which the safety step changed something
    trainings, train_s           how many, and the wall time of all of them together
    cases_unjudged, unjudged_pct   allocations without a power-flow solution, of the cases and of the unseen requests

None where there is no power flow. The `usd` in a name is the `currency` of the configuration.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tieline.agents.evaluate import decision_ms
from tieline.envs.reserve.task import ReserveTask
from tieline.settings.currency import in_currency
from tieline.studies.answer import Metric
from tieline.studies.reserve.ways.cases import LEARNED, CaseAnswer
from tieline.studies.trained import Trained
from tieline.studies.unjudged import count_unjudged, finite_or_none
from tieline.typing import FloatArray

QUANTITIES = ("cost", "loss_kw", "deviation_pct", "objective")

TIMED_SEEDS = np.arange(50)
"""Requests on which a decision is timed."""


def make_metrics(
    answers: Sequence[CaseAnswer],
    held_out: pd.DataFrame | None,
    trained: Trained | None,
    task: ReserveTask,
    currency: str,
) -> dict[str, Metric]:
    """All metrics by name.

    Args:
        answers: of the cases.
        held_out: gaps on unseen requests, if there were any.
        trained: the policies, if there are any.
        task: on which they decide.
        currency: of costs.
    """
    metrics = _of_cases(answers, currency)
    if held_out is not None:
        metrics |= _of_gaps(held_out)
    metrics |= _unjudged(answers, held_out)
    if trained is not None:
        metrics |= _of_policies(trained, task, answers)
    return metrics


def _of_cases(answers: Sequence[CaseAnswer], currency: str) -> dict[str, Metric]:
    metrics: dict[str, Metric] = {}
    for answer in answers:
        for quantity in QUANTITIES:
            column = quantity_name(quantity, currency)
            name = f"{column}_{answer.case.name}"
            values = values_of(answer, quantity)
            for who, value in zip(answer.who, values, strict=True):
                key = name
                if who != LEARNED:
                    key = f"{name}_{who}"
                metrics[key] = finite_or_none(value)
    return metrics


def quantity_name(quantity: str, currency: str) -> str:
    """The quantity as it stands in metrics and columns: a cost ends in its currency."""
    if quantity == "cost":
        return in_currency(quantity, currency)
    return quantity


def values_of(answer: CaseAnswer, quantity: str) -> FloatArray:
    """A quantity of everybody, (who,); NaN where the power flow has no solution, also for a cost that bids alone
    would give.
    """
    values = answer.objective
    if quantity != "objective":
        values = getattr(answer.effect, quantity)
    return np.where(answer.effect.solved, values, np.nan)


def _of_gaps(gaps: pd.DataFrame) -> dict[str, Metric]:
    """`objective_gap_pct` over the seeds of the learned policy with spread, `objective_gap_pct_<who>` for the rules; of the
    requests that were judged.
    """
    learned = gaps.loc[gaps["who"] == LEARNED, "mean_pct"]
    rules = gaps[gaps["who"] != LEARNED].set_index("who")["mean_pct"]
    metrics: dict[str, Metric] = {
        f"objective_gap_pct_{who}": finite_or_none(gap) for who, gap in rules.items()
    }
    if len(learned) == 0:
        return metrics
    # of the population, not of a sample: a single training has a spread of 0, not none
    spread_of = {
        "std": learned.std(ddof=0),
        "best": learned.min(),
        "worst": learned.max(),
    }
    return {
        "objective_gap_pct": finite_or_none(learned.mean()),
        **{
            f"objective_gap_pct_{name}": finite_or_none(value)
            for name, value in spread_of.items()
        },
        "gap_seeds": float(len(learned)),
        **metrics,
    }


def _unjudged(
    answers: Sequence[CaseAnswer], held_out: pd.DataFrame | None
) -> dict[str, Metric]:
    """Allocations that were not judged, of the cases and of the unseen requests of everybody."""
    solved = np.concatenate([answer.effect.solved for answer in answers])
    unjudged = int((~solved).sum())
    count = len(solved)
    if held_out is not None:
        unjudged += int(held_out["unjudged"].sum())
        count += int(held_out["requests"].sum())
    return count_unjudged(unjudged, count)


def _of_policies(
    trained: Trained, task: ReserveTask, answers: Sequence[CaseAnswer]
) -> dict[str, Metric]:
    decider = trained.policies[trained.best].bind(task)
    safety = [answer.safety for answer in answers if answer.safety is not None]
    touched = sum(int(step.touched.sum()) for step in safety)
    return {
        "decision_ms": decision_ms(decider, task, TIMED_SEEDS),
        "safe_decision_ms": decision_ms(decider, task, TIMED_SEEDS, safe=True),
        "safety_touched": touched,
        "trainings": len(trained.policies),
        "train_s": trained.train_s,
    }
