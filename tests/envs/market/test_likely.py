"""Sets by estimate: all of them in the order of the estimate, the greedy rule on it, and how near AC they come."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.market import rules
from tieline.envs.market.draws import draw_games
from tieline.envs.market.likely import estimate, likely_sets
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared

N_GAMES = 40


@pytest.fixture(scope="module")
def prepared(model: ChoiceModel) -> Prepared:
    return model.prepare(draw_games(model, np.arange(N_GAMES)))


def test_with_room_for_all_every_set_comes_once_and_the_cheapest_first(
    model: ChoiceModel, prepared: Prepared
) -> None:
    every = rules.all_sets(6, 3)
    sets = likely_sets(model, prepared, 3, count=50)
    assert sets.shape == (N_GAMES, len(every), 3)
    for of_game in sets.tolist():
        assert sorted(of_game) == every.tolist()
    estimated = estimate(model, prepared, sets)
    assert (np.diff(estimated, axis=1) >= 0).all()
    of_every = np.broadcast_to(every, sets.shape)
    lowest = estimate(model, prepared, of_every).min(axis=1)
    np.testing.assert_allclose(estimated[:, 0], lowest, rtol=1e-12)


def test_one_set_is_that_of_the_greedy_rule_on_estimates(
    model: ChoiceModel, prepared: Prepared
) -> None:
    (chain,) = likely_sets(model, prepared.take(slice(0, 1)), 2, count=1)[0]
    game = prepared.take(slice(0, 1))
    singles = estimate(model, game, np.arange(6)[None, :, None])[0]
    first = int(singles.argmin())
    pairs = np.array([[first, der] for der in range(6) if der != first])
    of_pairs = estimate(model, game, pairs[None])[0]
    assert set(chain.tolist()) == set(pairs[of_pairs.argmin()].tolist())


def test_a_game_has_its_sets_in_any_company(
    model: ChoiceModel, prepared: Prepared
) -> None:
    together = likely_sets(model, prepared, 3, count=4)
    alone = likely_sets(model, prepared.take(slice(7, 8)), 3, count=4)
    np.testing.assert_array_equal(together[7:8], alone)


def test_the_best_set_on_ac_is_among_the_first_quarter(
    model: ChoiceModel, prepared: Prepared
) -> None:
    """Within 1 % of it: near sets tie on AC. The estimate must tell good sets from bad ones, not the best from the second."""
    of_all, _ = rules.objective_of_all(model, prepared, 3)
    sets = likely_sets(model, prepared, 3, count=5)
    best = model.evaluate(prepared, sets).objective.min(axis=1)
    spread = of_all.mean(axis=1) - of_all.min(axis=1)
    lost = (best - of_all.min(axis=1)) / spread
    assert lost.mean() < 0.01
    assert (lost < 0.01).mean() > 0.9
