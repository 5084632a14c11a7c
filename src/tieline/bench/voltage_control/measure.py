"""One run of the benchmark: rules, optimum and learned agents on the same held-out days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from typing import Any

from tieline.bench.kit.left_out import LeftOut
from tieline.bench.kit.parts import PartRecord, Parts
from tieline.bench.kit.trainings import Learner, Trained
from tieline.bench.voltage_control.baselines import optimum_score, rule_scores
from tieline.bench.voltage_control.held_out import HeldOut, Score
from tieline.bench.voltage_control.learners import LEARNERS
from tieline.bench.voltage_control.options import Options
from tieline.envs import make_task
from tieline.envs.voltage_control.task import VoltageControlTask
from tieline.errors import InputError, unknown_name_message

GUARDED = ", safety step"
"""Behind the name of a learner whose actions pass the safety step."""


@dataclass(frozen=True)
class VoltageControlMeasurement:
    """What was measured.

    Attributes:
        scores: a row per rule, the optimum, each training, and the first of each learner with the safety step.
        left_out: learners that could not be trained, and why.
        parts: when each part was measured.
    """

    scores: tuple[Score, ...]
    left_out: tuple[LeftOut, ...] = ()
    parts: tuple[PartRecord, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All of it as plain dictionaries."""
        return asdict(self)


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> VoltageControlMeasurement:
    """Measure the parts that are not kept; trainings take minutes.

    Args:
        options: how many trainings, how long, how many days, where parts are kept.
        tell: is told what is measured now.

    Raises:
        InputError: for a learner that there is not.
    """
    for name in options.learners:
        if name not in NAMES:
            raise InputError(unknown_name_message("learner", name, NAMES))
    tell("days")
    task = make_task("voltage-control")
    assert isinstance(task, VoltageControlTask)
    held_out = HeldOut(task, options.days)
    parts = Parts(options.parts)
    question = {"days": options.days, "setting": task.setting}
    tell("rules")
    scores = parts.rows("rules", question, Score, lambda: rule_scores(held_out))
    tell("the optimum")
    scores += parts.rows("optimum", question, Score, lambda: [optimum_score(held_out)])
    left_out = []
    for learner in LEARNERS:
        reason = _why_not(learner, options)
        if reason:
            left_out.append(LeftOut(learner.name, reason))
            continue
        tell(learner.name)
        steps = round(learner.steps * options.steps_pct / 100.0)
        of_training = {
            **question,
            "words": learner.words,
            "steps": steps,
            "trainings": options.trainings,
        }
        training = _Training(learner, task, held_out, steps, options.trainings)
        scores += parts.rows(learner.option, of_training, Score, training.scores)
    return VoltageControlMeasurement(
        tuple(scores), tuple(left_out), tuple(parts.records)
    )


@dataclass(frozen=True, eq=False)
class _Training:
    """All seeds of a learner, trained and judged."""

    learner: Learner
    task: VoltageControlTask
    held_out: HeldOut
    steps: int
    trainings: int

    def scores(self) -> list[Score]:
        """A row per seed, and one of the first seed with the safety step."""
        name = self.learner.name
        agents = self.learner.train(self.task, range(self.trainings), self.steps)
        scores = [self._score(name, one) for one in agents]
        # of one seed: where much has to be moved the step takes longer than the training
        scores.append(self._score(name + GUARDED, agents[0], safe=True))
        return scores

    def _score(self, who: str, agent: Trained, *, safe: bool = False) -> Score:
        score = self.held_out.score(who, agent.decider, agent.seed, safe=safe)
        return replace(score, steps=agent.steps, train_s=agent.train_s)


def _why_not(learner: Learner, options: Options) -> str:
    """Why a learner is not trained; empty if it is."""
    if learner.option not in options.learners:
        return "not asked for"
    if find_spec(learner.package) is None:
        return f"{learner.package} is not installed (extra '{learner.extra}')"
    return ""


NAMES = tuple(learner.option for learner in LEARNERS)
