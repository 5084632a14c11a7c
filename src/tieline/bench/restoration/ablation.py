"""What each part of the learning brings: short trainings that differ in one thing each, judged on the same unseen draws.

One seed, the same for all, and equally many updates. What is judged is the best policy of each by its checks, without a safety
step, beside the holding plan: what the plan alone reaches, and what learning from nothing reaches, are rows too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from tieline.envs.restoration.world import make_world
from tieline.feeders.islands import read_island
from tieline.studies.restoration.training.config import (
    LearnerConfig,
    RestorationTrainingConfig,
)
from tieline.studies.restoration.training.threads import allow_waiting_threads

ISLAND = "ieee36"

SEED = 0
"""Of all trainings."""

DRAWS = 64
"""Of an update, half of those of a real training: parts can be told apart, in half the time."""

JUDGED_DRAWS = 32

PLAN_ALONE = "the holding plan alone"

BLIND = 1e-9
"""A discount of nothing: each number is judged by the reward of its own step."""


@dataclass(frozen=True)
class Variant:
    """A training that departs from the usual one: what is different, in words and as settings of the method; by which method."""

    words: str
    learner: Mapping[str, Any] = field(default_factory=dict)
    method: str = "cpo"

    @property
    def settings(self) -> str:
        """The fields as a configuration file has them; empty if none departs."""
        return ", ".join(f"{name} = {value}" for name, value in self.learner.items())


VARIANTS = (
    Variant("as it is"),
    Variant("from what stood before, no plan", {"base": "before", "stride": 0.3}),
    Variant("imitation of MPC without the plan", {"base": "before"}, "imitation"),
    Variant("reward of one step alone", {"discount": BLIND}),
    Variant("gamma of the article", {"discount": 0.99}),
    Variant("fresh draws in every update", {"batches": 10_000}),
    Variant("draws with level and noise alone", {"lessons": "practice"}),
    Variant("no constraints", {"tolerance": 10.0}),
    Variant("delta of the article, 36 buses", {"delta": 0.001}),
    Variant("delta between", {"delta": 0.004}),
    Variant("delta of the article, 141 buses", {"delta": 0.008}),
)


@dataclass(frozen=True)
class Brought:
    """How a variant stands on unseen draws of a scenario.

    Attributes:
        words, settings: of the variant; the holding plan has none.
        scenario: what sun and wind do.
        objective: mean of the draws [kWh].
        shed_kwh: the same of what was shed.
        cpu_s: CPU time of the training [s].
    """

    words: str
    settings: str
    scenario: str
    objective: float
    shed_kwh: float
    cpu_s: float


def compare_variants(n_updates: int, tell: Callable[[str], None]) -> list[Brought]:
    """Train and judge all variants.

    Args:
        n_updates: of each training; 0: none are trained.
        tell: is told which one is trained now.
    """
    if not n_updates:
        return []
    allow_waiting_threads()
    rows: list[Brought] = []
    for variant in VARIANTS:
        tell(f"what it brings: {variant.words}")
        for brought in _brought(variant, n_updates):
            # the plan is the same beside all
            if brought not in rows:
                rows.append(brought)
    return rows


def config_of(variant: Variant, n_updates: int) -> RestorationTrainingConfig:
    """The configuration of a training."""
    learner = LearnerConfig(updates=n_updates, draws=DRAWS, **variant.learner)
    return RestorationTrainingConfig(
        feeder=ISLAND, learner=learner, held_out=JUDGED_DRAWS
    )


def _brought(variant: Variant, n_updates: int) -> Iterator[Brought]:
    # it needs JAX, and the other parts of the benchmark do not
    from tieline.studies.restoration.training.pupils import Pupils

    config = config_of(variant, n_updates)
    world = make_world(config, read_island(ISLAND))
    pupils = Pupils(world, config)
    began = time.process_time()
    taught = pupils.teach(variant.method, SEED, lambda *_: None)
    cpu_s = time.process_time() - began
    for row in _rows(pupils.hold_out([taught])):
        brought = Brought(
            words=variant.words,
            settings=variant.settings,
            scenario=row["scenario"],
            objective=row["objective"],
            shed_kwh=row["shed_kwh"],
            cpu_s=cpu_s,
        )
        if row["method"] == "hold":
            # beside every training stands the plan, which took none
            brought = replace(brought, words=PLAN_ALONE, settings="", cpu_s=0.0)
        yield brought


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dict("records")  # type: ignore[return-value]
