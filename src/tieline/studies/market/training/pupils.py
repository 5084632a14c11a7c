"""`Pupils`: the regions of a market that learn to choose, those with more DERs than agents; the others have nothing to choose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.agents.leader_follower.region import MarketRegion, ranges_for
from tieline.counted import counted
from tieline.envs.market.model import ChoiceModel
from tieline.errors import InputError
from tieline.studies.market.training.config import MarketTrainingConfig
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.world.plant import Plant


@dataclass(frozen=True, eq=False)
class Pupils:
    """The regions that learn.

    Attributes:
        numbers: of the regions of the market, from 1.
        regions: as learners see them.
        remarks: which regions have nothing to choose, and why.
    """

    numbers: tuple[int, ...]
    regions: tuple[MarketRegion, ...]
    remarks: tuple[str, ...]

    def numbers_at(self, places: pd.Series) -> pd.Series:
        """The number of each region, by its place among those that learn, from 0."""
        numbers = dict(enumerate(self.numbers))
        return places.map(numbers)


def find_pupils(plant: Plant, config: MarketTrainingConfig) -> Pupils:
    """The regions with more DERs than agents; raises `InputError` if there is none."""
    models = ChoiceModels(plant)
    n_agents = config.settings.agents
    numbers = []
    regions = []
    remarks = []
    with_ders = np.flatnonzero(plant.may_serve.any(axis=1)).tolist()
    for k in range(plant.microgrids.n_regions):
        if k not in with_ders:
            remarks.append(f"Region {k + 1} has no DER: there is nothing to choose.")
            continue
        model = models.of((k,))
        if model.n_ders <= n_agents:
            remarks.append(_nothing_to_choose(k + 1, model, n_agents))
            continue
        numbers.append(k + 1)
        ranges = ranges_for(config.kind, model, n_agents)
        regions.append(MarketRegion(model, ranges))
    if not regions:
        raise InputError(
            "There is nothing to learn. "
            + " ".join(remarks)
            + " Ask for fewer agents, or for more DERs."
        )
    return Pupils(tuple(numbers), tuple(regions), tuple(remarks))


def _nothing_to_choose(number: int, model: ChoiceModel, n_agents: int) -> str:
    has = f"Region {number} has {counted(model.n_ders, 'DER')} for {counted(n_agents, 'agent')}"
    return f"{has}: all are chosen, and no policy is needed."
