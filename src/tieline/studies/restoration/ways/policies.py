"""Which policies a run asks: those given, or those shipped if they fit its island."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from tieline.agents.restoration_policies.policies import (
    LearnedDecider,
    RestorationPolicy,
)
from tieline.agents.restoration_policies.policy_file import load_restoration_policy
from tieline.envs.restoration.world import RestorationWorld
from tieline.errors import InputError
from tieline.studies.policy_folder import Policies, read_policies
from tieline.studies.restoration.deciders import CPO

TRAINING = "tieline train restoration"

NONE_SHIPPED = (
    "No shipped policies were trained for this island: nobody learned decides. Train some (tieline train restoration --feeder "
    "...) and give their folder with --policy."
)


@dataclass(frozen=True, eq=False)
class LearnedDeciders:
    """Who learned, by the name of the decider and the seed of its training.

    Attributes:
        by_name: deciders; empty where no policies fit.
        metrics: of their training; none if unknown.
        curves: how they learned; without rows if unknown.
        why_none: why no policies fit; nothing where some do, or nobody asks them.
    """

    by_name: Mapping[str, Mapping[int, LearnedDecider]] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    curves: pd.DataFrame = field(default_factory=pd.DataFrame)
    why_none: str = ""


def find_policies(world: RestorationWorld, place: str | None) -> LearnedDeciders:
    """The policies of a run.

    Args:
        world: where they decide.
        place: file or folder that was given; None for those that come with the package.

    Raises:
        InputError: if given ones cannot be used, or were trained for something else.
    """
    if place is not None:
        return _deciders(world, _read(Path(place)))
    folder = shipped_folder(world.plant.feeder.name)
    if not folder.is_dir():
        return LearnedDeciders(why_none=NONE_SHIPPED)
    shipped = _read(folder)
    try:
        return _deciders(world, shipped)
    except InputError as error:
        # nobody asked for them by name: the run goes on without
        why_none = f"The shipped policies do not fit, so that nobody learned decides. {error} Give their folder with --policy."
        return LearnedDeciders(why_none=why_none)


def shipped_folder(island: str) -> Path:
    """Where policies of an island that come with the package are: a folder that `tieline train restoration` wrote."""
    package = resources.files("tieline.studies.restoration")
    return Path(str(package / "policies" / island))


def _read(place: Path) -> Policies[RestorationPolicy]:
    return read_policies(place, load_restoration_policy, TRAINING)


def _deciders(
    world: RestorationWorld, folder: Policies[RestorationPolicy]
) -> LearnedDeciders:
    by_name: dict[str, dict[int, LearnedDecider]] = defaultdict(dict)
    for policy in folder.policies:
        about = policy.provenance
        # a file that does not say how it was made is taken for the method of the article
        name = str(about.get("method", CPO))
        seed = int(about.get("seed") or 0)
        by_name[name][seed] = LearnedDecider(policy, world)
    return LearnedDeciders(by_name, folder.metrics, folder.curves)
