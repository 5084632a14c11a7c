"""What games are drawn from: the ranges of the two kinds."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.market.draws import RANGES, draw_games
from tieline.envs.market.model import ChoiceModel

SEEDS = np.arange(500)


def test_paper_draws_loads_and_demand_alone(model: ChoiceModel) -> None:
    games = draw_games(model, SEEDS, RANGES["paper"])
    nominal_kw = np.array([load.p_kw for load in model.network.feeder.loads])
    ratio = games.load_kw / nominal_kw
    assert set(np.unique(ratio.round(9))) == {1.0, 1.5}
    # 11 buses of the region have loads: three of them are centroids in every game
    assert ((ratio > 1.2).sum(axis=1) == 3).all()
    assert (games.p_max_kw == 100.0).all()
    assert len(np.unique(games.offer)) == 1
    assert games.demand_kw.min() == pytest.approx(50.0, abs=3.0)
    assert games.demand_kw.max() == pytest.approx(300.0, abs=3.0)
    surplus_kw = (games.load_kw - games.schedule_kw).sum(axis=1)
    assert (surplus_kw > 0).all()


def test_open_draws_level_offers_and_limits_too(model: ChoiceModel) -> None:
    games = draw_games(model, SEEDS, RANGES["open"])
    nominal_kw = np.array([load.p_kw for load in model.network.feeder.loads])
    level = games.schedule_kw / nominal_kw
    assert level.min() == pytest.approx(0.4, abs=0.01)
    assert level.max() == pytest.approx(1.0, abs=0.01)
    is_away = games.p_max_kw == 0
    # every fifth of six DERs, rounded to one
    assert (is_away.sum(axis=1) == 1).all()
    assert games.p_max_kw[~is_away].min() == pytest.approx(20.0, abs=0.5)
    assert games.p_max_kw.max() == pytest.approx(100.0, abs=0.5)
    assert games.offer.min() == pytest.approx(0.05, abs=1e-3)
    assert games.offer.max() == pytest.approx(0.09, abs=1e-3)
    assert (games.reference_price == 0.10).all()
