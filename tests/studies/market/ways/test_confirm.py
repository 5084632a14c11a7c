"""Regions that solve their own power flow come to the voltages that were published."""

from __future__ import annotations

import dataclasses

from tieline import load_feeder
from tieline.studies.answer import Tell
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.borders import watched_buses
from tieline.studies.market.ways.confirm import Regions
from tieline.studies.market.ways.deciders import make_deciders
from tieline.studies.market.ways.minutes import MinuteLoop
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.world.make import make_world


def test_regions_confirm_the_published_voltages() -> None:
    config = MarketConfig(case="ieee123", choice="cheapest")
    feeder = load_feeder("ieee123")
    plant, day = make_world(feeder, config)
    models = ChoiceModels(plant)
    choosers = make_deciders(feeder, models, day, config, Tell()).choosers
    watched = watched_buses(plant, day, config)
    clearing = MinuteLoop(models, day, config, watched, choosers).clear(600).clearing
    assert plant.microgrids.partition is not None
    regions = Regions(plant.network, plant.microgrids.partition)
    assert not regions.problem
    confirmation = regions.confirm(clearing)
    assert confirmation is not None
    assert 2 <= confirmation.rounds <= 20
    assert confirmation.difference_pu < 1e-5
    # other set-points are another power flow: nothing is confirmed that was not asked
    other = dataclasses.replace(clearing, share_kw=0 * clearing.share_kw)
    denied = regions.confirm(other)
    assert denied is not None
    assert denied.difference_pu > 1e-4


def test_regions_that_cannot_be_cut_say_why() -> None:
    plant, _ = make_world(load_feeder("ieee69"), MarketConfig(case="ieee69"))
    whole, _ = make_world(load_feeder("ieee123"), MarketConfig(case="ieee123"))
    assert whole.microgrids.partition is not None
    regions = Regions(plant.network, whole.microgrids.partition)
    assert "partition is of feeder" in regions.problem
