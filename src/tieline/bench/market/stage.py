"""The stage of a published case, on which games are played: its regions with their choice models, as the study has them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tieline.envs.market.model import ChoiceModel
from tieline.feeders import load_feeder
from tieline.network.sites import sites
from tieline.studies.config import make_config
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.world.make import make_world
from tieline.studies.market.world.plant import Plant


@dataclass(frozen=True, eq=False)
class Stage:
    """Feeder, regions, DERs and limits of a case; `agents` choose a DER each."""

    plant: Plant
    agents: int

    @cached_property
    def models(self) -> ChoiceModels:
        """Choice models of the regions."""
        return ChoiceModels(self.plant)

    @property
    def n_regions(self) -> int:
        """Regions while none is merged."""
        return self.plant.microgrids.n_regions

    def model(self, *regions: int) -> ChoiceModel:
        """The choice model of a region, or of several that are merged, counted from 0."""
        return self.models.of(regions)

    def places(self, model: ChoiceModel) -> tuple[str, ...]:
        """Bus of each DER of a model, (der,)."""
        buses = self.plant.der_buses
        return tuple(buses[der] for der in model.ders)

    @cached_property
    def place_of(self) -> dict[str, str]:
        """The bus whose DER stands for each bus: buses that closed switches join are one place."""
        feeder = self.plant.feeder
        seller_buses = set(self.plant.sellers.places)
        place_of = {}
        for site in sites(feeder, [bus.name for bus in feeder.buses]):
            # a published bus may be joined by a switch to the one that the DER is named after
            places = [bus for bus in site if bus in seller_buses]
            if places:
                place_of |= dict.fromkeys(site, places[0])
        return place_of


def make_stage(case: str) -> Stage:
    """The stage of a published case with the study's defaults."""
    config = make_config(MarketConfig, {"case": case})
    assert isinstance(config, MarketConfig)
    feeder = load_feeder(config.feeder)
    plant, _ = make_world(feeder, config)
    return Stage(plant, config.agents)
