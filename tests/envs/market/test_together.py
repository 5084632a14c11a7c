"""Several regions in one batch are the regions one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.envs.market import rules
from tieline.envs.market.draws import draw_games
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.together import (
    evaluate_together,
    greedy_together,
    missing_kw,
    prepare_together,
)
from tieline.errors import InputError
from tieline.network import Network

N_GAMES = 3


@pytest.fixture(scope="module")
def models(model: ChoiceModel) -> tuple[ChoiceModel, ChoiceModel]:
    """The shared region and a part of it."""
    part = ChoiceModel.of(model.network, model.buses[:6], "3", (), (0.9, 1.05))
    return model, part


def test_regions_together_are_regions_alone(
    models: tuple[ChoiceModel, ChoiceModel],
) -> None:
    games = [draw_games(model, np.arange(N_GAMES)) for model in models]
    together = prepare_together(models, games)
    alone = [
        model.prepare(of_region) for model, of_region in zip(models, games, strict=True)
    ]
    for one, other in zip(together, alone, strict=True):
        for name in ("loss_kw", "loss_factor", "use", "inflow_kw", "outflow_kw"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-5)
    sets = [np.tile([[0, 1], [2, -1]], (N_GAMES, 1, 1)) for _ in models]
    outcomes = evaluate_together(models, together, sets)
    for k, model in enumerate(models):
        expected = model.evaluate(alone[k], sets[k]).objective
        assert outcomes[k].objective == pytest.approx(expected, abs=1e-4)
    chosen = greedy_together(models, together, 2)
    for k, model in enumerate(models):
        assert (chosen[k] == rules.greedy(model, alone[k], 2)).all()


def test_agents_beyond_the_usual_choose_while_the_demand_is_open(
    models: tuple[ChoiceModel, ChoiceModel],
) -> None:
    """Every DER gives 10 kW: 45 kW take five of them where so many agents may choose, and 15 kW the usual three."""
    games = []
    for model, demand_kw in zip(models, (45.0, 15.0), strict=True):
        drawn = draw_games(model, np.arange(1))
        p_max_kw = np.full_like(drawn.p_max_kw, 10.0)
        demand = np.array([demand_kw])
        games.append(replace(drawn, p_max_kw=p_max_kw, demand_kw=demand))
    prepared = prepare_together(models, games)

    def sizes(most: list[int]) -> list[int]:
        chosen = greedy_together(models, prepared, 3, most)
        return [members.shape[1] for members in chosen]

    assert sizes([9, 9]) == [5, 3]
    assert sizes([4, 9]) == [4, 3]
    assert sizes([]) == [3, 3]
    five, _ = greedy_together(models, prepared, 3, [9, 9])
    # each further agent takes what is best beside its leaders, as the rule does with so many agents
    assert (five == rules.greedy(models[0], prepared[0], 5)).all()
    assert missing_kw(prepared[0], five) == pytest.approx(-5.0)
    padded = np.array([[0, -1, -1]])
    assert missing_kw(prepared[0], padded) == pytest.approx(35.0)


def test_regions_of_two_networks_are_refused(model: ChoiceModel) -> None:
    other = ChoiceModel.of(
        Network.from_feeder(model.network.feeder), model.buses, "3", (), (0.9, 1.05)
    )
    games = draw_games(model, np.arange(1))
    with pytest.raises(InputError, match="must be of one network"):
        prepare_together([model, other], [games, games])
