"""Regions that settle a minute among themselves come to the cost of the joint program."""

from __future__ import annotations

import numpy as np
import pytest

from tieline import load_feeder
from tieline.studies.answer import Tell
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.borders import watched_buses
from tieline.studies.market.ways.consensus import Agreement, let_agree
from tieline.studies.market.ways.deciders import make_deciders
from tieline.studies.market.ways.minutes import MinuteLoop
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.world.make import make_world


def test_regions_agree_on_the_cost_of_the_joint_program() -> None:
    config = MarketConfig(case="ieee123", choice="cheapest", limit="135-35:9000")
    feeder = load_feeder("ieee123")
    plant, day = make_world(feeder, config)
    models = ChoiceModels(plant)
    choosers = make_deciders(feeder, models, day, config, Tell()).choosers
    watched = watched_buses(plant, day, config)
    clearing = MinuteLoop(models, day, config, watched, choosers).clear(120).clearing
    assert plant.microgrids.partition is not None
    agreement = let_agree(plant.microgrids.partition, clearing)
    assert agreement.merged == ()
    assert agreement.rounds > 0
    # regions stop at 0.1 kW, which is worth a cent an hour
    assert agreement.cost == pytest.approx(clearing.cost.total, abs=0.02)
    assert agreement.holds


def test_an_answer_of_another_cost_is_no_agreement() -> None:
    assert Agreement(rounds=9, merged=(), cost=100.05, joint_cost=100.0).holds
    assert not Agreement(rounds=9, merged=(), cost=100.2, joint_cost=100.0).holds
    assert not Agreement(rounds=9, merged=(), cost=np.nan, joint_cost=100.0).holds
