"""Estimates of sets against the same sums written with arrays, and against what an estimate must not do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.envs.market.draws import draw_games
from tieline.envs.market.estimates import estimate_sets
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.objective import of_members
from tieline.envs.market.prepared import Prepared

N_GAMES = 20

SETS = np.array([[0, 1, 2], [5, 3, 3], [4, -1, 0], [-1, -1, -1]])


@pytest.fixture(scope="module")
def prepared(model: ChoiceModel) -> Prepared:
    return model.prepare(draw_games(model, np.arange(N_GAMES)))


def test_estimates_are_the_sums_they_stand_for(
    model: ChoiceModel, prepared: Prepared
) -> None:
    sets = np.tile(SETS, (N_GAMES, 1, 1))
    # uses at which these sets reach some limits, so that there is an excess to add up
    near = replace(prepared, use=prepared.use + 0.6)
    money, excess = estimate_sets(model, near, sets)

    p_kw = model.filled_kw(near, sets)
    by_der = np.zeros((*sets.shape[:2], model.n_ders))
    game = np.arange(N_GAMES)[:, None, None]
    place = np.arange(len(SETS))[:, None]
    np.add.at(by_der, (game, place, sets), p_kw)
    games = near.games
    paid = (of_members(near.unit_cost, sets) * p_kw).sum(axis=2)
    bend_kw = np.einsum("gsi,ij,gsj->gs", by_der, model.slopes.curvature, by_der) / 2
    bought_kw = games.wanted_kw[:, None] - p_kw.sum(axis=2)
    expected = paid + games.reference_price[:, None] * bend_kw
    expected += games.balancing_price[:, None] * bought_kw
    np.testing.assert_allclose(money, expected, rtol=1e-12)

    over = near.use[:, None] - 1.0 + by_der @ model.slopes.use.T
    np.testing.assert_allclose(excess, np.maximum(over, 0.0).sum(axis=2), atol=1e-12)
    assert excess.max() > 0


def test_a_game_without_a_power_flow_has_no_estimate_and_hides_no_other(
    model: ChoiceModel, prepared: Prepared
) -> None:
    use = prepared.use.copy()
    use[0] = np.nan
    use[1] += 1.0
    broken = replace(prepared, use=use)
    sets = np.tile(SETS, (N_GAMES, 1, 1))
    excess = estimate_sets(model, broken, sets).excess
    assert np.isnan(excess[0]).all()
    assert (excess[1] > 0).all()
    assert np.isfinite(excess[1:]).all()
