"""J of a set: its terms one by one, in any batch, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from tieline.envs.market.draws import RANGES, draw_games
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.objective import PENALTY, idle_objective
from tieline.envs.market.prepared import Prepared
from tieline.errors import InputError, ShapeError
from tieline.powerflow import solve
from tieline.powerflow.derivatives.gradients import loss_factors, loss_gradient

N_GAMES = 5
PAIRS = np.array(list(combinations(range(6), 2)))


@pytest.fixture(scope="module")
def prepared(model: ChoiceModel) -> Prepared:
    return model.prepare(draw_games(model, np.arange(N_GAMES)))


def test_objective_is_the_sum_of_its_terms_by_hand(
    model: ChoiceModel, prepared: Prepared
) -> None:
    """One set of one game, filled by hand and solved alone."""
    game, members = 2, [5, 1, 3]
    g = prepared.games.take(slice(game, game + 1))
    order = sorted(members, key=lambda k: prepared.unit_cost[game, k])
    left_kw, der_kw = float(g.demand_kw[0]), np.zeros(6)
    for k in order:
        der_kw[k] = min(g.p_max_kw[0, k], left_kw)
        left_kw -= der_kw[k]
    idle, trading = solve(
        model.network,
        load_kw=g.load_kw[0],
        load_kvar=g.load_kvar[0],
        der_kw=np.array([np.zeros(6), der_kw]),
        controls="off",
    ).loss_kw
    expected = float(g.offer[0] @ der_kw) + 0.10 * (trading - idle) + 0.20 * left_kw
    outcome = model.evaluate(prepared, np.array([[members]]))
    assert outcome.excess[game, 0] == 0.0
    assert outcome.objective[game, 0] == pytest.approx(expected, abs=1e-5)
    assert outcome.bought_kw[game, 0] == pytest.approx(left_kw)


def test_a_set_is_worth_the_same_in_any_batch_and_order(
    model: ChoiceModel, prepared: Prepared
) -> None:
    objective = model.evaluate(prepared, PAIRS[None]).objective
    turned = model.evaluate(prepared, PAIRS[None, ::-1, ::-1]).objective[:, ::-1]
    assert turned == pytest.approx(objective, abs=1e-5)
    masks = np.zeros((1, len(PAIRS), 6), dtype=bool)
    masks[0, np.arange(len(PAIRS))[:, None], PAIRS] = True
    assert model.evaluate(prepared, masks).objective == pytest.approx(
        objective, abs=1e-5
    )


def test_one_set_for_each_game_is_the_same(
    model: ChoiceModel, prepared: Prepared
) -> None:
    members = PAIRS[:N_GAMES]
    outcome, solution = model.solved(prepared, members)
    several = model.evaluate(prepared, members[:, None])
    assert outcome.objective == pytest.approx(several.objective, abs=1e-5)
    assert solution.loss_kw == pytest.approx(several.loss_kw[:, 0], abs=1e-4)


def test_without_ders_all_is_bought(model: ChoiceModel, prepared: Prepared) -> None:
    outcome = model.evaluate(prepared, np.full((1, 1, 2), -1))
    assert outcome.objective[:, 0] == pytest.approx(
        0.20 * prepared.games.demand_kw, abs=1e-6
    )
    assert idle_objective(prepared) == pytest.approx(
        0.20 * prepared.games.demand_kw, abs=1e-6
    )


def test_loss_factor_is_the_change_of_the_loss(
    model: ChoiceModel, prepared: Prepared
) -> None:
    g = prepared.games.take(slice(0, 1))
    step_kw = 1.0
    der_kw = np.vstack([np.eye(6), -np.eye(6)]) * step_kw
    loss_kw = solve(
        model.network,
        load_kw=g.load_kw[0],
        load_kvar=g.load_kvar[0],
        der_kw=der_kw,
        controls="off",
        tolerance=1e-12,
    ).loss_kw
    by_difference = (loss_kw[:6] - loss_kw[6:]) / (2 * step_kw)
    assert prepared.loss_factor[0] == pytest.approx(by_difference, abs=1e-6)


def test_loss_factors_of_some_ders_are_those_of_the_gradient(
    model: ChoiceModel,
) -> None:
    solution = solve(model.network, der_kw=np.full(6, 50.0))
    gradient = loss_gradient(solution).der_kw
    assert loss_factors(solution, np.array([4, 1]))[0] == pytest.approx(
        gradient[0, [4, 1]], abs=1e-12
    )


def test_a_broken_limit_costs_what_it_is_broken_by(model: ChoiceModel) -> None:
    """At a quarter of the limits the loads alone break some, and DERs change by how much."""
    games = draw_games(model, np.arange(1))
    flows = model.watch.flows
    tight_flows = replace(flows, limit=flows.limit / 4)
    tight = replace(model, watch=replace(model.watch, flows=tight_flows))
    prepared = tight.prepare(games)
    outcome = tight.evaluate(prepared, np.array([[[4]]]))
    use = tight.watch.use(tight.solved(prepared, np.array([[4]]))[1])
    assert use.max() > 1.0
    excess = np.maximum(use - 1.0, 0.0).sum()
    assert outcome.excess[0, 0] == pytest.approx(excess, rel=1e-6)
    free = model.evaluate(model.prepare(games), np.array([[[4]]])).objective
    assert outcome.objective - free == pytest.approx(PENALTY * excess, rel=1e-5)


def test_flows_over_the_border_are_what_the_region_takes(
    model: ChoiceModel, prepared: Prepared
) -> None:
    """In minus out is load and loss inside: no more than the feeder's loss in all."""
    feeder = model.network.feeder
    inside = np.array([load.bus in model.buses for load in feeder.loads])
    load_kw = prepared.games.load_kw[:, inside].sum(axis=1)
    net_kw = prepared.inflow_kw - prepared.outflow_kw
    assert (net_kw > load_kw).all()
    assert (net_kw < load_kw + prepared.loss_kw).all()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"reference_price": np.full(N_GAMES, -0.01)}, "reference_price is not above"),
        ({"offer": np.full((N_GAMES, 6), -0.01)}, "offer is negative"),
        ({"p_max_kw": np.full((N_GAMES, 6), -1.0)}, "p_max_kw is negative"),
        ({"demand_kw": np.full(N_GAMES, np.nan)}, "demand_kw holds a number"),
    ],
)
def test_games_that_cannot_be_played_are_refused(
    model: ChoiceModel, prepared: Prepared, change: dict, match: str
) -> None:
    with pytest.raises(InputError, match=match):
        model.prepare(replace(prepared.games, **change))


def test_no_game_is_refused(model: ChoiceModel, prepared: Prepared) -> None:
    with pytest.raises(InputError, match="There is no game"):
        model.prepare(prepared.games.take(slice(0, 0)))


def test_games_of_another_region_are_refused(
    model: ChoiceModel, prepared: Prepared
) -> None:
    with pytest.raises(
        ShapeError, match=r"offer has shape \(5, 5\), expected \(5, 6\)"
    ):
        model.prepare(replace(prepared.games, offer=np.ones((N_GAMES, 5))))


def test_a_negative_demand_buys_nothing(model: ChoiceModel, prepared: Prepared) -> None:
    games = replace(prepared.games, demand_kw=np.full(N_GAMES, -50.0))
    outcome = model.evaluate(model.prepare(games), PAIRS[None])
    assert (outcome.p_kw == 0).all()
    assert (outcome.bought_kw == 0).all()
    assert outcome.objective == pytest.approx(0.0, abs=1e-6)


def test_all_ders_away_buys_all(model: ChoiceModel, prepared: Prepared) -> None:
    games = replace(prepared.games, p_max_kw=np.zeros((N_GAMES, 6)))
    assert not games.is_coverable.any()
    outcome = model.evaluate(model.prepare(games), PAIRS[None])
    assert outcome.bought_kw == pytest.approx(
        np.broadcast_to(games.demand_kw[:, None], outcome.bought_kw.shape)
    )


def test_a_power_flow_without_a_solution_is_marked(
    model: ChoiceModel, prepared: Prepared
) -> None:
    """Forty times the load has no solution: infinite, and the games beside it are as before."""
    load_kw = prepared.games.load_kw.copy()
    load_kw[1] *= 40.0
    spoiled = model.prepare(replace(prepared.games, load_kw=load_kw))
    assert spoiled.solved.tolist() == [True, False, True, True, True]
    outcome = model.evaluate(spoiled, PAIRS[None])
    assert np.isinf(outcome.objective[1]).all()
    assert np.isfinite(outcome.objective[[0, 2, 3, 4]]).all()


def test_a_der_that_is_not_there_is_named(
    model: ChoiceModel, prepared: Prepared
) -> None:
    with pytest.raises(InputError, match="names DER 6, but the region has 6"):
        model.evaluate(prepared, np.array([[[0, 6]]]))


def test_a_region_without_ders_is_refused(model: ChoiceModel) -> None:
    with pytest.raises(InputError, match="No DER stands at the 2 buses"):
        ChoiceModel.of(model.network, ("14", "15"), "14", (), (0.9, 1.05))


def test_a_band_without_nominal_voltage_is_refused(model: ChoiceModel) -> None:
    with pytest.raises(InputError, match="must hold 1 pu"):
        ChoiceModel.of(model.network, model.buses, "3", (), (1.0, 1.05))


def test_same_seed_same_game_in_any_batch(model: ChoiceModel) -> None:
    several = draw_games(model, [7, 3, 11], RANGES["open"])
    alone = draw_games(model, [3], RANGES["open"])
    for name in ("load_kw", "offer", "p_max_kw", "demand_kw", "taps"):
        assert (getattr(several, name)[1] == getattr(alone, name)[0]).all()
