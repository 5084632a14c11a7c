"""`Contest`: a task as a competition: which days train, which judge, who plays without having learned, who learns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from tieline.agents.decider import Decider
from tieline.bench.kit.trainings import Learner
from tieline.envs.task import Task
from tieline.typing import FloatArray

Kind = Literal["nothing", "rule", "mpc", "optimum", "learned"]


@dataclass(frozen=True, eq=False)
class Split:
    """Days that judge.

    Attributes:
        task: a `Task` that plays them; deciders of the contest know its kind.
        seeds: one for each day, in the task's own numbering.
    """

    task: Any
    seeds: Sequence[int]


@dataclass(frozen=True, eq=False)
class Rule:
    """Who decides without having learned.

    Attributes:
        words: what it does.
        decider_of: how it is made for a task.
        kind: a rule of one line, or one that plans ahead with a model (mpc).
    """

    words: str
    decider_of: Callable[[Any], Decider]
    kind: Kind = "rule"


@dataclass(frozen=True, eq=False)
class Optimum:
    """What nobody can pass.

    Attributes:
        words: how it is found and what proves it.
        decider_of: carries it out on a split, knowing every day of it.
        bounds_of: return of each day that no decider exceeds, once the decider has played, (day,).
    """

    words: str
    decider_of: Callable[[Split], Decider]
    bounds_of: Callable[[Any, Split], Sequence[float] | FloatArray]


@dataclass(frozen=True, eq=False)
class Contest:
    """One task and who plays it.

    Attributes:
        name: of the task, as in the catalogue of tasks.
        question: what is decided, and what the return counts, in sentences.
        unit: of the return of a day.
        training: makes the task that trains.
        splits: name -> makes the days; the first is of the same kind as the training days, the others are shifted.
        rules: name -> rule; the first does nothing.
        optimum: None where none is known.
        learners: who is trained.
        loss_kwh: lost in a day, from the rows of an evaluation, (day,).
        money_per_return: what one unit of the return is worth; None where it is no money.
        currency: of that money.
        wider: (wide, narrow): names of learners of which the first decides over more numbers than the second.
        counted: names of the constraints whose broken limits are told; all if None.
        notes: sentences on the data, for the page.
    """

    name: str
    question: str
    unit: str
    training: Callable[[], Task[Any]]
    splits: Mapping[str, Callable[[], Split]]
    rules: Mapping[str, Rule]
    optimum: Optimum | None
    learners: Sequence[Learner]
    loss_kwh: Callable[[Any, pd.DataFrame], FloatArray]
    money_per_return: float | None = None
    currency: str = ""
    wider: Sequence[tuple[str, str]] = ()
    counted: Sequence[str] | None = None
    notes: Sequence[str] = ()

    @property
    def nothing(self) -> str:
        """Name of the rule that does nothing."""
        return next(iter(self.rules))
