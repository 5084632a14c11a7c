"""Rules against the exhaustive optimum, and regret by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.envs.market import rules
from tieline.envs.market.draws import draw_games
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.regret import hits, regret
from tieline.errors import InputError

N_GAMES = 40


@pytest.fixture(scope="module")
def prepared(model: ChoiceModel) -> Prepared:
    return model.prepare(draw_games(model, np.arange(N_GAMES)))


@pytest.fixture(scope="module")
def of_all(model: ChoiceModel, prepared: Prepared) -> tuple[np.ndarray, np.ndarray]:
    return rules.objective_of_all(model, prepared, 3)


def regret_of(
    model: ChoiceModel, prepared: Prepared, sets: np.ndarray, of_all: np.ndarray
) -> np.ndarray:
    objective = model.evaluate(prepared, sets[:, None]).objective[:, 0]
    return regret(objective, of_all)


def test_all_sets_are_there_once() -> None:
    sets = rules.all_sets(6, 3)
    assert len(sets) == 20
    assert len({tuple(members) for members in sets.tolist()}) == 20


def test_no_rule_beats_the_optimum(
    model: ChoiceModel, prepared: Prepared, of_all: tuple[np.ndarray, np.ndarray]
) -> None:
    objective, sets = of_all
    best = sets[objective.argmin(axis=1)]
    assert regret_of(model, prepared, best, objective) == pytest.approx(0, abs=1e-4)
    constant = np.tile(rules.constant(model, prepared, 3), (N_GAMES, 1))
    mean_regret = {
        "greedy": regret_of(
            model, prepared, rules.greedy(model, prepared, 3), objective
        ),
        "cheapest": regret_of(
            model, prepared, rules.cheapest(model, prepared, 3), objective
        ),
        "constant": regret_of(model, prepared, constant, objective),
        "random": regret_of(
            model, prepared, rules.random(model, np.arange(N_GAMES), 3), objective
        ),
    }
    assert all((values > -1e-4).all() for values in mean_regret.values())
    mean = {name: values.mean() for name, values in mean_regret.items()}
    assert mean["greedy"] < 0.05 < mean["constant"] < mean["random"]


def test_a_chain_of_one_is_the_optimum(model: ChoiceModel, prepared: Prepared) -> None:
    """A single agent that tries every DER cannot miss."""
    objective, sets = rules.objective_of_all(model, prepared, 1)
    choice = rules.greedy(model, prepared, 1)
    assert regret_of(model, prepared, choice, objective) == pytest.approx(0, abs=1e-4)
    assert sets.shape == (6, 1)


def test_cheapest_leaves_out_who_is_away(
    model: ChoiceModel, prepared: Prepared
) -> None:
    chosen = rules.cheapest(model, prepared, 6)
    is_away = prepared.games.p_max_kw == 0
    assert (is_away.sum(axis=1) == 1).all()
    assert (chosen[:, -1] == -1).all()
    for game, members in enumerate(chosen[:, :-1]):
        assert not is_away[game, members].any()
        assert (np.diff(prepared.unit_cost[game, members]) >= 0).all()


def test_where_all_tie_greedy_takes_the_cheapest(
    model: ChoiceModel, prepared: Prepared
) -> None:
    """A demand of 1 kW is covered by the first DER: the others add nothing, and follow in the order of their cost."""
    games = replace(prepared.games, demand_kw=np.full(N_GAMES, 1.0))
    small = model.prepare(games)
    chosen = rules.greedy(model, small, 3)
    there = np.where(games.p_max_kw > 0, small.unit_cost, np.inf)
    assert (chosen == np.argsort(there, axis=1)[:, :3]).all()


def test_more_agents_than_ders_is_refused(
    model: ChoiceModel, prepared: Prepared
) -> None:
    with pytest.raises(InputError, match="7 agents choose a DER each"):
        rules.greedy(model, prepared, 7)
    with pytest.raises(InputError, match="0 agents choose nothing"):
        rules.greedy(model, prepared, 0)


def test_regret_by_hand() -> None:
    of_all = np.array([[10.0, 20.0, 30.0], [5.0, 5.0, 5.0], [1.0, np.inf, 3.0]])
    regrets = regret(np.array([10.09, 5.0, np.inf]), of_all)
    assert regrets.tolist() == pytest.approx([0.009, 0.0, np.inf])
    assert hits(regrets).tolist() == [True, True, False]
