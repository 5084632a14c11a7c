"""One run of the benchmark: every task asked for, rules, optimum and learned agents on the same days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

from tieline.bench.kit.left_out import LeftOut
from tieline.bench.kit.parts import PartRecord, Parts
from tieline.bench.kit.trainings import Learner
from tieline.bench.learning.contest import Contest, Split
from tieline.bench.learning.contests import CONTESTS
from tieline.bench.learning.options import Options
from tieline.bench.learning.score import Judge, Score
from tieline.envs.task import Task
from tieline.errors import InputError, unknown_name_message

Tell = Callable[[str], None]


@dataclass(frozen=True)
class LearningMeasurement:
    """What was measured.

    Attributes:
        scores: by task, a row per split, decider and training.
        left_out: learners that could not be trained, and why.
        parts: when each part was measured.
    """

    scores: Mapping[str, Sequence[Score]]
    left_out: tuple[LeftOut, ...] = ()
    parts: tuple[PartRecord, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All of it as plain dictionaries."""
        return asdict(self)


def measure(options: Options, tell: Tell = lambda _: None) -> LearningMeasurement:
    """Measure the parts that are not kept; trainings take minutes.

    Args:
        options: which tasks, how many trainings, how long, where parts are kept.
        tell: is told what is measured now.

    Raises:
        InputError: for a task that has no contest.
    """
    for name in options.tasks:
        if name not in CONTESTS:
            raise InputError(unknown_name_message("task", name, CONTESTS))
    parts = Parts(options.parts)
    scores = {}
    left_out = []
    for name in options.tasks:
        match = _Match(CONTESTS[name](), options, parts, tell)
        scores[name] = match.play()
        left_out += match.left_out
    return LearningMeasurement(scores, tuple(left_out), tuple(parts.records))


class _Match:
    """One contest, played."""

    def __init__(self, contest: Contest, options: Options, parts: Parts, tell: Tell):
        self.contest = contest
        self.options = options
        self.parts = parts
        self.tell = tell
        self.left_out: list[LeftOut] = []
        tell(f"{contest.name}: days")
        self.training = contest.training()
        self.judges = [
            self._judge(name, make()) for name, make in contest.splits.items()
        ]

    def play(self) -> list[Score]:
        """Everybody on every split."""
        scores = self._rows("rules", {}, self._rule_scores)
        if self.contest.optimum is not None:
            scores += self._rows("optimum", {}, self._optimum_scores)
        for learner in self.contest.learners:
            reason = _why_not(learner, self.options)
            if reason:
                self.left_out.append(LeftOut(learner.name, reason, self.contest.name))
                continue
            scores += self._learned(learner)
        return scores

    def _judge(self, name: str, split: Split) -> Judge:
        first_days = Split(split.task, split.seeds[: self.options.most_days])
        return Judge(self.contest, name, first_days)

    def _rule_scores(self) -> Iterator[Score]:
        for judge in self.judges:
            yield from judge.rules()

    def _optimum_scores(self) -> Iterator[Score]:
        assert self.contest.optimum is not None
        for judge in self.judges:
            self.tell(f"{self.contest.name}: the optimum, {judge.split_name}")
            yield from judge.optimum(self.contest.optimum)

    def _learned(self, learner: Learner) -> list[Score]:
        steps = round(learner.steps * self.options.steps_pct / 100.0)
        trainings = self.options.trainings
        question = {"words": learner.words, "steps": steps, "trainings": trainings}

        def train_and_judge() -> Iterator[Score]:
            agents = learner.train(self.training, range(trainings), steps)
            for judge in self.judges:
                for agent in agents:
                    yield judge.learned(learner.name, agent)

        return self._rows(learner.option, question, train_and_judge)

    def _rows(
        self,
        part: str,
        question: Mapping[str, Any],
        measure_rows: Callable[[], Iterator[Score]],
    ) -> list[Score]:
        """The rows of a part, measured unless they are kept."""
        self.tell(f"{self.contest.name}: {part}")
        question_of_part = {
            **_setting(self.training),
            "splits": {
                judge.split_name: len(judge.split.seeds) for judge in self.judges
            },
            **question,
        }
        name = f"{self.contest.name}-{part}"
        return self.parts.rows(name, question_of_part, Score, measure_rows)


def _why_not(learner: Learner, options: Options) -> str:
    """Why a learner is not trained; empty if it is."""
    if options.learners and learner.option not in options.learners:
        return "not asked for"
    if find_spec(learner.package) is None:
        return f"{learner.package} is not installed (extra '{learner.extra}')"
    return ""


def _setting(task: Task[Any]) -> dict[str, Any]:
    return {"task": task.name, "signature": task.signature}
