"""The raised demand brings a broken limit back, and nothing is raised where none is broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tieline.envs.market.draws import draw_games
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.relief import with_relief


def small_game(model: ChoiceModel) -> Prepared:
    games = draw_games(model, np.arange(1))
    every = np.full_like(games.p_max_kw, 100.0)
    return model.prepare(replace(games, demand_kw=np.array([5.0]), p_max_kw=every))


def test_without_broken_limits_games_stay(model: ChoiceModel) -> None:
    prepared = small_game(model)
    assert with_relief(model, prepared) is prepared


def test_the_demand_is_what_the_broken_limit_takes(model: ChoiceModel) -> None:
    """A use of 1 + 50 kW times the slope of the least helpful DER behind the limit."""
    prepared = small_game(model)
    relief = -model.slopes.use[0]
    behind = relief[relief >= 0.5 * relief.max()]
    use = prepared.use.copy()
    use[0, 0] = 1.0 + 50.0 * behind.min()
    raised = with_relief(model, replace(prepared, use=use))
    np.testing.assert_allclose(raised.games.demand_kw, [50.0], rtol=1e-9)
