"""The updates of eq. 4.25 worked out by hand on a chain: root 0 - state 1 - state 2, ends at 1 and 2."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.agents.search_tree import grow
from tieline.agents.tree_search import SearchConfig, _branching, _rule
from tieline.agents.walks import (
    END,
    MOVE,
    Statistics,
    back_up,
    choose_ends,
    empty_statistics,
)

CHAIN = grow(0, lambda state: [state + 1] if state < 2 else [], lambda state: state > 0)


def after(rewards: list[tuple[int, float]], **settings: Any) -> Statistics:
    """Statistics after walks to given ends with given rewards."""
    config = SearchConfig(**settings)
    statistics = empty_statistics(3, 2)
    ends, values = (np.array(column) for column in zip(*rewards, strict=True))
    back_up(
        _branching(CHAIN, config.prior_power),
        statistics,
        _rule(config, 0),
        ends,
        values.astype(float),
    )
    return statistics


def test_q_learning_with_a_fixed_rate_from_zero() -> None:
    found = after([(2, 8.0), (1, 2.0)], learning_rate=0.5, discount=0.5)
    # first walk: end 2: 4; move to 2: 0.5 (0.5 x 4) = 1; move to 1: 0.5 (0.5 x 1) = 0.25
    # second walk: end 1: 1; best action in 1 is max(1, 1) = 1; move to 1: 0.25 + 0.5 (0.5 x 1 - 0.25) = 0.375
    assert found.q[END, 1:].tolist() == [1.0, 4.0]
    assert found.q[MOVE, 1:].tolist() == [0.375, 1.0]


def test_sarsa_follows_the_action_taken() -> None:
    walks = [(2, 8.0), (1, 2.0)]
    # the second walk ends in 1, where moving on is worth 4: Q-learning backs that up, SARSA the 1 of ending
    q_learning, sarsa = (
        after(walks, learning_rate=0.5, update=update).q
        for update in ("q-learning", "sarsa")
    )
    assert q_learning[END].tolist()[1:] == sarsa[END].tolist()[1:] == [1.0, 4.0]
    assert q_learning[MOVE, 1:].tolist() == [1.0 + 0.5 * (2.0 - 1.0), 2.0]
    assert sarsa[MOVE, 1:].tolist() == [1.0 + 0.5 * (1.0 - 1.0), 2.0]


def test_without_a_rate_ends_are_means_and_moves_their_highest() -> None:
    found = after([(1, 2.0), (1, 4.0), (2, 1.0), (2, 2.0)])
    assert found.q[END, 1:].tolist() == [3.0, 1.5]
    assert found.q[MOVE, 1:].tolist() == [3.0, 1.5]
    assert found.n.tolist() == [[4, 4, 2], [0, 2, 2]]
    assert found.r[1:].tolist() == [4.0, 2.0]


def test_sarsa_without_a_rate_is_the_mean_of_what_followed() -> None:
    found = after([(1, 2.0), (2, 5.0)], update="sarsa")
    assert found.q[MOVE, 1:].tolist() == [3.5, 5.0]


def test_the_order_follows_every_change_of_value() -> None:
    found = after([(1, 2.0), (2, 1.0), (2, 5.0)])
    assert found.standings.order.tolist() == [2, 1]  # means 3 and 2
    found = after([(1, 2.0), (2, 5.0), (2, -3.0)])
    assert found.standings.order.tolist() == [1, 2]  # means 2 and 1


def test_the_last_walk_that_changed_the_first_place_is_told() -> None:
    config = SearchConfig(top=1)
    arguments = _branching(CHAIN, 1.0), empty_statistics(3, 2), _rule(config, 0)
    assert back_up(*arguments, np.array([1, 2, 1]), np.array([2.0, 1.0, 2.0])) == 1
    assert back_up(*arguments, np.array([1, 2, 2]), np.array([2.0, 9.0, 9.0])) == 2
    assert back_up(*arguments, np.array([2]), np.array([9.0])) == 0


@pytest.mark.parametrize(("power", "chance"), [(1.0, 1 / 50), (0.0, 1 / 2)])
def test_an_unknown_branch_is_entered_by_its_prior(power: float, chance: float) -> None:
    # at the root: end at once, or move on to a branch with 49 ends
    chain = grow(
        -1,
        lambda state: [0] if state == -1 else [k for k in range(1, 50) if state == 0],
        lambda state: state != 0,
    )
    branching = _branching(chain, power)
    random = np.random.default_rng(3)
    rule = _rule(SearchConfig(prior_power=power), 0)
    ends = [
        choose_ends(branching, empty_statistics(51, 50), rule, random, 1)[0]
        for _ in range(4000)
    ]
    share = np.mean(np.array(ends) == 0)
    assert share == pytest.approx(chance, abs=4 * (chance * (1 - chance) / 4000) ** 0.5)


def test_walks_under_way_spread_and_leave_no_visits() -> None:
    tree = grow(
        0, lambda state: range(1, 9) if state == 0 else [], lambda state: state > 0
    )
    statistics, config = empty_statistics(9, 8), SearchConfig()
    ends = choose_ends(
        _branching(tree, 0.8), statistics, _rule(config, 0), np.random.default_rng(0), 8
    )
    # the first is drawn, the others take what no walk is on
    assert len(set(ends.tolist())) >= 7
    assert not statistics.n.any()


def test_the_mark_is_the_value_of_the_last_place_that_matters() -> None:
    star = grow(
        0, lambda state: range(1, 9) if state == 0 else [], lambda state: state > 0
    )
    rewards = np.array([5.0, 1.0, 7.0, 3.0, 2.0, 8.0, 4.0, 6.0])
    for tried, top, mark in (
        (8, 2, 7.0),
        (8, 4, 5.0),
        (8, 20, 5.0),
        (3, 20, 7.0),
        (1, 20, 5.0),
    ):
        config, statistics = SearchConfig(top=top), empty_statistics(9, 8)
        back_up(
            _branching(star, 0.8),
            statistics,
            _rule(config, 0),
            np.arange(1, tried + 1),
            rewards[:tried],
        )
        # of few ends the better half matters: the 4th of 8, the first of 3
        assert statistics.standings.mark == pytest.approx([mark, rewards[:tried].std()])
