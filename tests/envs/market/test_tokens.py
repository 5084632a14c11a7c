"""What a policy sees: names, bounds, and the numbers that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.envs.market import tokens as page
from tieline.envs.market.draws import RANGES, draw_games
from tieline.envs.market.estimates import estimate_sets
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.tokens import (
    REGION_NAMES,
    TOKEN_NAMES,
    see,
)

N_GAMES = 200
NOBODY = np.empty((N_GAMES, 0), dtype=np.int64)


@pytest.fixture(scope="module")
def prepared(model: ChoiceModel) -> Prepared:
    return model.prepare(draw_games(model, np.arange(N_GAMES), RANGES["open"]))


def column(seen: page.Seen, name: str) -> np.ndarray:
    return seen.tokens[:, :, TOKEN_NAMES.index(name)]


def feature(seen: page.Seen, name: str) -> np.ndarray:
    return seen.region[:, REGION_NAMES.index(name)]


def test_every_feature_has_a_line_in_the_docstring() -> None:
    text = page.__doc__ or ""
    listed = [
        line.split()[0].rstrip(",")
        for line in text.splitlines()
        if line[:4] == "    " and line[4:5].strip()
    ]
    assert set(TOKEN_NAMES) <= set(listed)
    assert set(REGION_NAMES) - {"outflow"} <= set(listed)
    assert "inflow, outflow" in text


def test_all_are_finite_and_of_the_size_of_one(
    model: ChoiceModel, prepared: Prepared
) -> None:
    leaders = np.tile([0, 3], (N_GAMES, 1))
    for chosen, progress in ((NOBODY, 0.0), (leaders, 2 / 3)):
        seen = see(model, prepared, chosen, progress)
        assert seen.tokens.shape == (N_GAMES, 6, len(TOKEN_NAMES))
        assert seen.region.shape == (N_GAMES, len(REGION_NAMES))
        for values in (seen.tokens, seen.region):
            assert np.isfinite(values).all()
            assert np.abs(values).max() < 5.0


def test_leaders_choices_are_seen(model: ChoiceModel, prepared: Prepared) -> None:
    leaders = np.tile([0, -1], (N_GAMES, 1))
    seen = see(model, prepared, leaders, 1 / 3)
    assert column(seen, "taken")[0].tolist() == [1, 0, 0, 0, 0, 0]
    assert (seen.may_choose[0]).tolist() == [False] + 5 * [True]
    games = prepared.games
    left_kw = np.maximum(games.demand_kw - games.p_max_kw[:, 0], 0.0)
    assert feature(seen, "left") == pytest.approx(left_kw / games.demand_kw)
    power_kw = games.demand_kw - left_kw
    gives = power_kw > 0
    slope = column(seen, "coupling")[gives, 1] / power_kw[gives]
    # the same in every game, above 0: what one gives is worth less to the other
    assert slope == pytest.approx(slope[0])
    assert slope.min() > 0


def test_cheapest_has_rank_zero(model: ChoiceModel, prepared: Prepared) -> None:
    rank = column(see(model, prepared, NOBODY, 0.0), "rank")
    is_there = prepared.games.p_max_kw > 0
    there = np.where(is_there, prepared.unit_cost, np.inf)
    assert (rank.argmin(axis=1) == there.argmin(axis=1)).all()


def test_the_estimate_of_a_set_is_near_its_worth(
    model: ChoiceModel, prepared: Prepared
) -> None:
    """Within half a percent of the bill where no limit is broken: losses bend little from their slopes at nominal load."""
    sets = np.tile([[0, 1, 2], [2, 4, 5], [1, 3, 4]], (N_GAMES, 1, 1))
    exact = model.evaluate(prepared, sets)
    estimate = estimate_sets(model, prepared, sets).money
    assert (exact.excess == 0).mean() > 0.9
    miss = np.abs(estimate - exact.objective)[exact.excess == 0]
    bill = (prepared.games.balancing_price * prepared.games.demand_kw)[:, None]
    assert (
        miss / np.broadcast_to(bill, exact.objective.shape)[exact.excess == 0]
    ).max() < 0.005


def test_room_is_what_a_limit_leaves(model: ChoiceModel, prepared: Prepared) -> None:
    """A DER with half room breaks a limit with all its power and none with its room."""
    seen = see(model, prepared, NOBODY, 0.0)
    room = column(seen, "room")
    assert (room >= 0).all()
    assert (room <= 1).all()
    games = prepared.games
    alone_kw = np.minimum(games.p_max_kw, games.demand_kw[:, None])
    outcome = model.evaluate(prepared, np.arange(6)[None, :, None])
    breaks = outcome.excess > 1e-3
    assert (room[breaks] < 1.0).all()
    clear = (room >= 1.0) & (alone_kw > 0)
    assert (outcome.excess[clear] < 1e-3).all()


def test_a_game_without_a_power_flow_changes_no_other(
    model: ChoiceModel, prepared: Prepared
) -> None:
    """Limits that are near are looked for in all games of a batch; one that has only NaN hides none of them."""
    # nearer to their limits than games are drawn: some DERs then have no room
    near = replace(prepared, use=prepared.use + 1.2)
    use = near.use.copy()
    use[0] = np.nan
    solved = near.solved.copy()
    solved[0] = False
    with_unsolved = replace(near, use=use, solved=solved)
    leaders = np.tile([0, 3], (N_GAMES, 1))
    expected = see(model, near, leaders, 2 / 3)
    seen = see(model, with_unsolved, leaders, 2 / 3)
    assert (column(expected, "overload")[1:] != 0).any()
    assert (column(expected, "room")[1:] < 1).any()
    np.testing.assert_allclose(seen.tokens[1:], expected.tokens[1:], rtol=1e-9)
    assert not seen.tokens[0].any()
