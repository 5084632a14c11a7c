"""What each part of the method brings: short trainings that differ in one thing each, judged on the same unseen days.

One seed, the same for all, and equally many updates. No safety step: what is judged is what the policies decide. Trainings of a
few updates stand behind the long ones of the policies that are shipped; they tell the parts apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from tieline.agents.constrained_update.trust_region import central_step
from tieline.bench.kit.parts import Parts
from tieline.bench.microgrids.training import FEEDER
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.feeders import load_feeder
from tieline.studies.microgrids.training.config import (
    LearnerConfig,
    MicrogridsTrainingConfig,
)

if TYPE_CHECKING:
    from tieline.studies.microgrids.training.pupils import Pupils

SEED = 0
"""Of all trainings."""

JUDGED_DAYS = 20
"""Steps of so many days tell a broken share to a tenth of a percent."""

FIRST_JUDGED = 2**31 + 2**30
"""Days have seeds from this on: beyond those of trainings and their checks, before those of case `held-out`."""


JUDGED = ("return_mean", "violating_steps_pct")
"""Columns of what is judged."""


@dataclass(frozen=True)
class Variant:
    """A training that departs from the usual one.

    Attributes:
        words: what is different.
        learner: fields of the method's settings.
        training: fields of the training's configuration.
        eases: whether limits that are far broken come back in parts; else by the recovery step of CPO.
    """

    words: str
    learner: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    eases: bool = True

    @property
    def settings(self) -> str:
        """The fields as a configuration file has them; empty if none departs."""
        fields = {**self.learner, **self.training}
        return ", ".join(f"{name} = {value}" for name, value in fields.items())

    @property
    def part(self) -> str:
        """Name of the part that keeps what it brought."""
        return f"ablation-{self.words.lower().replace(' ', '-')}"

    def question(self, n_updates: int) -> dict[str, Any]:
        """All on which what it brings depends."""
        return {
            "updates": n_updates,
            "settings": self.settings,
            "eases": self.eases,
            "days": JUDGED_DAYS,
        }


# the margin of devices is that of the grid: read where it stands
GRID_MARGIN = LearnerConfig().margin

VARIANTS = (
    Variant("as it is"),
    Variant("a smaller margin", {"margin": 0.01}),
    Variant("devices with the margin of the grid", {"device_tolerance": -GRID_MARGIN}),
    Variant("windows picked evenly only", {"hard_windows": 0}),
    Variant("recovery step of CPO in place of easing", eases=False),
    Variant("longer tails", {"tail_share": 0.1}),
    Variant("C-TRPO", training={"steps_by": "barrier"}),
    Variant(
        "steps by consensus",
        training={"steps_by": "consensus", "graph": "ring"},
    ),
)
"""The slowest last."""


@dataclass(frozen=True)
class Brought:
    """How a variant stands on the unseen days.

    Attributes:
        words, settings: of the variant.
        updates: of its training.
        cost_usd: mean of a day, stored energy paid back [USD].
        broken_pct: steps in which a limit of the network is broken [%].
        cpu_s: CPU time of the training [s].
    """

    words: str
    settings: str
    updates: int
    cost_usd: float
    broken_pct: float
    cpu_s: float


def compare_variants(
    n_updates: int, parts: Parts, tell: Callable[[str], None]
) -> list[Brought]:
    """Train and judge all variants that are not kept.

    Args:
        n_updates: of each training; 0: none are trained.
        parts: keeps each variant as soon as it is judged.
        tell: is told which one is trained now.

    Raises:
        InputError: if a part cannot be written.
    """
    if not n_updates:
        return []
    rows = []
    for variant in VARIANTS:
        tell(f"what it brings: {variant.words}")
        train = partial(_brought, variant, n_updates)
        rows += parts.rows(variant.part, variant.question(n_updates), Brought, train)
    return rows


def _brought(variant: Variant, n_updates: int) -> Iterator[Brought]:
    # here and not above: it needs JAX, and the other parts of the benchmark do not
    from tieline.studies.microgrids.training.pupils import Pupils

    config = config_of(variant, n_updates)
    plant = make_plant(load_feeder(FEEDER), config)
    pupils = Pupils(plant, config)
    yield _judged(variant, pupils, plant, config)


def config_of(variant: Variant, n_updates: int) -> MicrogridsTrainingConfig:
    """The configuration of a training."""
    # no checks on the way: the last update has one, and nobody chooses among policies here
    learner = LearnerConfig(
        updates=n_updates,
        check_every=n_updates,
        **variant.learner,
    )
    return MicrogridsTrainingConfig(
        feeder=FEEDER,
        learner=learner,
        held_out=JUDGED_DAYS,
        **variant.training,
    )


def _judged(
    variant: Variant,
    pupils: Pupils,
    plant: Plant,
    config: MicrogridsTrainingConfig,
) -> Brought:
    """Train, and play the days."""
    from tieline.studies.microgrids.training.steps import open_steps

    began = time.process_time()
    with open_steps(config, len(plant.microgrids)) as eased_step:
        find_step = eased_step if variant.eases else central_step
        learned = pupils.learn(SEED, lambda *_: None, find_step)
    cpu_s = time.process_time() - began
    days = pupils.hold_out([SEED], [learned], FIRST_JUDGED).set_index("who")
    of_policy = {column: days[column].to_dict()["policy"] for column in JUDGED}
    return Brought(
        words=variant.words,
        settings=variant.settings,
        updates=config.learner.updates,
        cost_usd=-of_policy["return_mean"],
        broken_pct=of_policy["violating_steps_pct"],
        cpu_s=cpu_s,
    )
