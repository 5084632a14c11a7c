"""All groups of a minute together choose what each of them would choose alone."""

from __future__ import annotations

import numpy as np

from tieline import load_feeder
from tieline.studies.answer import Tell
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.choice import choose
from tieline.studies.market.ways.choosers import greedy
from tieline.studies.market.ways.deciders import make_deciders
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.world.make import make_world
from tieline.studies.market.world.moments import moment_at

FEEDER = load_feeder("ieee123")
GROUPS = ((0,), (1, 2), (3,), (4,), (5,))


def test_together_as_alone() -> None:
    """Single regions by their policies, a merged group greedily."""
    config = MarketConfig(case="ieee123", choice="policy")
    plant, day = make_world(FEEDER, config)
    models = ChoiceModels(plant)
    choosers = make_deciders(FEEDER, models, day, config, Tell()).choosers
    # noon: three DERs give what the merged regions take
    moment = moment_at(plant, day, 720)
    taps = np.asarray(plant.base.taps[0], dtype=np.int64)
    together = choose(models, moment, GROUPS, taps, choosers, size=3)
    for group in GROUPS:
        chooser = choosers.get(group, greedy)
        alone = chooser(models.of(group), together.prepared[group], 3)[0]
        assert set(together.sets[group].tolist()) == set(alone.tolist())
    # three DERs for each group; those of a merged one serve both of its regions only where they may
    assert together.chosen.any(axis=0).sum() == 3 * len(GROUPS)
    assert not (together.chosen & ~plant.may_serve).any()


def test_what_the_chosen_cannot_give_is_called_too() -> None:
    """DERs of 40 kW: three of a region never cover the evening."""
    config = MarketConfig(case="ieee123", der_kw=40.0, adequate=False)
    plant, day = make_world(FEEDER, config)
    models = ChoiceModels(plant)
    moment = moment_at(plant, day, 1200)
    taps = np.asarray(plant.base.taps[0], dtype=np.int64)
    choice = choose(models, moment, ((0,), (1,)), taps, {}, size=3)
    for region in (0, 1):
        called = choice.chosen[region]
        capacity_kw = moment.p_max_kw[called]
        assert capacity_kw.sum() >= moment.demand_kw[region]
        # and no more of them than it takes
        assert capacity_kw.sum() - 40.0 < max(moment.demand_kw[region], 3 * 40.0)
    assert choice.fallbacks == (f"called {choice.n_more} DERs more",)
    assert choice.chosen.any(axis=0).sum() == 6 + choice.n_more


def test_regions_that_merge_bring_their_agents() -> None:
    """Three regions that are one, in an evening in which three DERs of 100 kW cannot give what they take."""
    config = MarketConfig(case="ieee123")
    plant, day = make_world(FEEDER, config)
    models = ChoiceModels(plant)
    moment = moment_at(plant, day, 1200)
    taps = np.asarray(plant.base.taps[0], dtype=np.int64)
    union = (3, 4, 5)
    choice = choose(models, moment, (union,), taps, {}, size=3)
    demand_kw = moment.demand_kw[list(union)].sum()
    assert demand_kw > 3 * 100.0
    members = choice.sets[union]
    # as many as it takes, chosen and not completed
    assert len(members) == np.ceil(demand_kw / 100.0)
    assert choice.fallbacks == ()


def test_what_is_likely_fills_the_demand_of_every_group() -> None:
    config = MarketConfig(case="ieee123")
    plant, day = make_world(FEEDER, config)
    models = ChoiceModels(plant)
    moment = moment_at(plant, day, 720)
    taps = np.asarray(plant.base.taps[0], dtype=np.int64)
    choice = choose(models, moment, GROUPS, taps, {}, size=3)
    likely_kw = choice.likely_kw(models)
    assert (likely_kw <= moment.p_max_kw + 1e-9).all()
    assert not likely_kw[~choice.chosen.any(axis=0)].any()
    for group in GROUPS:
        of_group = choice.chosen[list(group)].any(axis=0)
        # what is asked of a group may be more than its demand, where a limit needs it
        wanted_kw = choice.prepared[group].games.wanted_kw[0]
        assert abs(likely_kw[of_group].sum() - wanted_kw) < 1e-9
