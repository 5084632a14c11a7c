"""The greedy rule looks at few DERs and chooses as if it had looked at all."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.market import shortlist
from tieline.envs.market.draws import draw_games
from tieline.envs.market.fill import with_each_der
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.rules import greedy
from tieline.envs.market.shortlist import Shortlist

N_GAMES = 60


@pytest.fixture(scope="module")
def prepared(model: ChoiceModel) -> Prepared:
    return model.prepare(draw_games(model, np.arange(N_GAMES)))


def test_no_set_is_worth_less_than_its_bound(
    model: ChoiceModel, prepared: Prepared
) -> None:
    leaders = np.zeros((N_GAMES, 1), dtype=np.int64)
    sets = with_each_der(leaders, model.n_ders)
    bound = shortlist._bound(model, prepared, sets)
    objective = model.evaluate(prepared, sets).objective
    noise = shortlist.tie_tolerance(model, prepared)[:, None]
    assert (objective >= bound - noise).all()


def test_looking_one_by_one_chooses_the_same_with_fewer_looks(
    model: ChoiceModel, prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = greedy(model, prepared, 3)
    monkeypatch.setattr(shortlist, "AT_ONCE", 1)
    one_by_one = greedy(model, prepared, 3)
    as_sets = [set(row) for row in at_once.tolist()]
    of_one_by_one = [set(row) for row in one_by_one.tolist()]
    same = [a == b for a, b in zip(as_sets, of_one_by_one, strict=True)]
    # where they differ the sets tie: their J says so
    objective = model.evaluate(prepared, at_once[:, None]).objective
    of_other = model.evaluate(prepared, one_by_one[:, None]).objective
    np.testing.assert_allclose(of_other, objective, rtol=1e-5)
    assert np.mean(same) > 0.9

    (game,) = np.flatnonzero(np.arange(N_GAMES) == 3)
    one_game = prepared.take(slice(game, game + 1))
    looks = Shortlist(model, one_game, np.empty((1, 0), dtype=np.int64))
    n_looks = 0
    while not looks.is_done:
        looks.take(model.evaluate(one_game, looks.next_sets()).objective)
        n_looks += 1
    assert n_looks < model.n_ders
