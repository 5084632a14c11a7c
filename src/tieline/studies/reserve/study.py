"""Requested reserves, split by rules, by learned policies and by a search for the optimum, all judged by the same power flow.

The cases are decided by the best training; unseen requests by every one, to show the spread. What is measured stands in
`telling.metrics`.
"""

from __future__ import annotations

from collections.abc import Sequence

from tieline.envs.reserve.model import ReserveModel
from tieline.envs.reserve.task import ReserveTask
from tieline.errors import NotConvergedError
from tieline.feeders import Feeder
from tieline.reports.remarks import approximated
from tieline.studies.answer import Answer, Tell, notes_beyond
from tieline.studies.reserve.config import ReserveConfig
from tieline.studies.reserve.size import require_size
from tieline.studies.reserve.telling.metrics import make_metrics
from tieline.studies.reserve.telling.remarks import make_remarks
from tieline.studies.reserve.telling.tables import make_tables
from tieline.studies.reserve.training.study import export_curves
from tieline.studies.reserve.ways.cases import CaseAnswer, answer_case
from tieline.studies.reserve.ways.deciders import learned, learned_by_seed, rules
from tieline.studies.reserve.ways.held_out import gap_table
from tieline.studies.reserve.ways.policies import find_policies
from tieline.studies.unjudged import why_unsolved


def answer(feeder: Feeder, config: ReserveConfig, tell: Tell) -> Answer:
    """Split the requests of a configuration among DERs on a feeder.

    Returns:
        Metrics of `telling.metrics`; tables of `telling.tables`, `held_out`, and `curves` of the trainings.

    Raises:
        InputError, FeederError: if DERs, cases or policy cannot be used on the feeder.
        NotConvergedError: if the feeder has no solution without reserve, or with any allocation of any case.
    """
    require_size(config)
    task = ReserveTask(config.environment, ReserveModel.of(config.environment, feeder))
    trained = find_policies(config, task, tell)
    by_rule = rules(task)
    best = None
    if trained is not None:
        best = learned(task, trained.policies[trained.best])
    answers = [answer_case(case, task, by_rule, best) for case in config.asked]
    _require_one_solved(answers)
    tables = make_tables(answers, task, config.currency)
    if config.held_out:
        tell(0, 1, "searching the optimum of held-out requests")
        by_seed = {}
        if trained is not None:
            by_seed = learned_by_seed(task, trained)
        gaps = gap_table(task, config.held_out, config.seed, by_rule, by_seed)
        tables["held_out"] = gaps
    held_out = tables.get("held_out")
    metrics = make_metrics(answers, held_out, trained, task, config.currency)
    tell(1, 1, "done")
    remarks = [
        *notes_beyond(feeder, task.model.network.feeder),
        *make_remarks(answers, held_out, trained, task, config.load_model),
    ]
    if trained is not None:
        tables["curves"] = trained.curves
    if config.train and trained is not None:
        remarks += approximated(export_curves(trained.curves, config))
    return Answer(metrics, tables, remarks)


def _require_one_solved(answers: Sequence[CaseAnswer]) -> None:
    """Refuse to conclude from nothing."""
    if any(answer.effect.solved.any() for answer in answers):
        return
    first = answers[0]
    raise NotConvergedError(
        f"Nothing could be judged: no allocation of any case has a power-flow solution. That of {first.who[0]} in "
        f"{first.case.name} {why_unsolved(int(first.effect.solution.outcome[0]))}."
    )
