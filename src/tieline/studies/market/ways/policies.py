"""Which learned policies a run uses: given, trained anew, or shipped with the package if they fit its regions.

A file holds the policies of all regions of a feeder, a folder one file for each seed of a training. Of several seeds the one
chooses whose last games of the learning curve were worth most; these games are not among those that anything is reported on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from tieline.agents.leader_follower.chooser import ChoicePolicies, RegionChooser
from tieline.agents.leader_follower.policy_file import from_bytes, load_choice_policies
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.studies.answer import Tell
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.stage_config import MarketStageConfig
from tieline.studies.market.ways.choosers import Chooser
from tieline.studies.market.ways.models import ChoiceModels, Group
from tieline.studies.policy_folder import (
    policy_files,
    read_curves,
    require_as_trained,
)
from tieline.studies.trained import PREFIX, SUFFIX
from tieline.typing import IntArray

CURVE_COLUMNS = ("seed", "games", "return_mean", "overlap_share")
"""What is read of learning curves: which seed did best in the end, and how often its agents wanted the same DER."""


@dataclass(frozen=True, eq=False)
class Learned:
    """Policies of the regions that have one.

    Attributes:
        choosers: by region.
        words: where they come from.
        curves: how they learned; without rows if unknown.
        games, train_s, overlap_share: of the training; None if unknown.
    """

    choosers: Mapping[Group, Chooser]
    words: str
    curves: pd.DataFrame
    games: int | None
    train_s: float | None
    overlap_share: float | None


@dataclass(frozen=True)
class PolicyChooser:
    """A region's policy as a chooser."""

    chooser: RegionChooser

    def __call__(self, model: ChoiceModel, prepared: Prepared, size: int) -> IntArray:
        """The set that the policy and its few candidates lead to, (game, agent)."""
        del size  # the policy was trained for that number of agents
        return self.chooser.choose(model, prepared)

    def candidates(self, model: ChoiceModel, prepared: Prepared) -> IntArray:
        """The sets of which the best on AC is taken, (game, set, agent); all regions of a minute are judged in one batch."""
        return self.chooser.candidates(model, prepared)


def find_policies(
    feeder: Feeder, models: ChoiceModels, config: MarketConfig, tell: Tell
) -> Learned | None:
    """The policies of a run; None if none was asked for and no shipped one fits.

    Args:
        feeder: as it was read, for a training.
        models: of the regions.
        config: what is asked.
        tell: how far a training is.

    Raises:
        InputError: if policies that were asked for cannot be used or were trained for other regions.
    """
    if config.train:
        return _train(feeder, models, config, tell)
    if config.policy is not None:
        path = Path(config.policy)
        return _load(path, models, config.agents, f"policies of '{path.name}'")
    for folder in _shipped_folders():
        try:
            return _load(folder, models, config.agents, "shipped policies")
        except InputError:
            # a shipped policy that does not fit is left out without a word against it
            continue
    if config.choice == "policy":
        raise InputError(
            "No shipped policy was trained for these regions, DERs and agents. Give one with --policy, add --train, or choose "
            "otherwise: --choice greedy."
        )
    return None


def _shipped_folders() -> list[Path]:
    """Folders that come with the package, each one that `tieline train market` wrote."""
    place = Path(str(resources.files("tieline.studies.market") / "policies"))
    return sorted(folder for folder in place.glob("*") if folder.is_dir())


def _load(path: Path, models: ChoiceModels, n_agents: int, words: str) -> Learned:
    """Policies of a file or folder; raises `InputError` if they cannot be used or do not fit."""
    if not path.is_dir():
        policies = load_choice_policies(path)
        return _learned(policies, models, n_agents, words, pd.DataFrame())
    require_as_trained(path)
    files = [file for file in policy_files(path) if file.suffix == SUFFIX]
    if not files:
        raise InputError(
            f"Folder '{path}' holds no policy ({PREFIX}*{SUFFIX}). Give one that `tieline train market` wrote, or a file."
        )
    curves = read_curves(path, CURVE_COLUMNS)
    best = files[0]
    if len(curves):
        best = path / f"{PREFIX}{_best_seed(curves)}{SUFFIX}"
    return _learned(load_choice_policies(best), models, n_agents, words, curves)


def _train(
    feeder: Feeder, models: ChoiceModels, config: MarketConfig, tell: Tell
) -> Learned:
    """Train one seed on the stage of the run."""
    # here and not above: training stands on the stage of the market, which asks for it only on demand
    from tieline.studies.market.training.config import MarketTrainingConfig
    from tieline.studies.market.training.study import answer

    stage = {name: getattr(config, name) for name in MarketStageConfig.model_fields}
    # what is reported comes from the minutes of the run, not from held-out games
    question = MarketTrainingConfig(**stage, trainings=1, held_out=1)
    reply = answer(feeder, question, tell)
    (content,) = reply.files.values()
    curves = reply.tables["curves"]
    words = "policies trained in this run"
    return _learned(from_bytes(content), models, config.agents, words, curves)


def _learned(
    policies: ChoicePolicies,
    models: ChoiceModels,
    n_agents: int,
    words: str,
    curves: pd.DataFrame,
) -> Learned:
    choosers: dict[Group, Chooser] = {}
    plant = models.plant
    # where no DER stands nobody chooses
    for region in np.flatnonzero(plant.may_serve.any(axis=1)).tolist():
        model = models.of((region,))
        # with no more DERs than agents all are chosen, and there was nothing to learn
        if model.n_ders > n_agents:
            choosers[region,] = PolicyChooser(policies.for_region(model, n_agents))
    about = policies.policies[0].provenance
    games = about.get("games")
    train_s = about.get("train_s")
    return Learned(
        choosers,
        words,
        curves,
        int(games) if isinstance(games, int | float) else None,
        float(train_s) if isinstance(train_s, int | float) else None,
        _overlap_share(curves),
    )


def _last(curves: pd.DataFrame) -> pd.DataFrame:
    """The last point of each region and seed."""
    return curves[curves["games"] == curves["games"].max()]


def _best_seed(curves: pd.DataFrame) -> int:
    mean = _last(curves).groupby("seed")["return_mean"].mean()
    return int(mean.index[int(np.argmax(mean.to_numpy()))])


def _overlap_share(curves: pd.DataFrame) -> float | None:
    if not len(curves):
        return None
    return float(_last(curves)["overlap_share"].mean())
