"""What a search learns: exact on known rewards, the mean of noisy ones, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.search_tree import SearchTree, grow
from tieline.agents.tree_search import NAIVE, SearchConfig, search, search_known
from tieline.errors import InputError
from tieline.typing import FloatArray, IntArray

BINARY: SearchTree[int] = grow(
    1, lambda k: [2 * k, 2 * k + 1] if k < 32 else [], lambda k: k >= 32
)
"""Five decisions, 32 leaves."""
VALUE = np.random.default_rng(5).normal(size=len(BINARY.states))


def exact(states: IntArray) -> FloatArray:
    return VALUE[states]


def by_value(tree: SearchTree[int]) -> list[int]:
    return tree.ends[np.argsort(-VALUE[tree.ends])].tolist()


@pytest.mark.parametrize("side_by_side", [1, 7])
def test_known_rewards_are_ranked_exactly(side_by_side: int) -> None:
    for seed in range(5):
        found = search(BINARY, exact, SearchConfig(side_by_side=side_by_side), seed)
        assert found.ranking.tolist()[:20] == by_value(BINARY)[:20]
        assert found.episodes == 600
        assert found.statistics.n[0, 0] == 600
        assert found.best_value == VALUE[BINARY.ends].max()


def test_noisy_rewards_are_averaged() -> None:
    noise = np.random.default_rng(8)
    tree = grow(0, lambda k: range(1, 6) if k == 0 else [], lambda k: k > 0)
    config = SearchConfig(episodes=4000, top=1)
    found = search(
        tree,
        lambda states: states + noise.normal(scale=1.0, size=len(states)),
        config,
        0,
    )
    assert found.ranking[0] == 5
    visits = found.statistics.n[1, 5]
    assert found.value[5] == pytest.approx(5.0, abs=4 / visits**0.5)
    assert visits > 800  # more than its fifth: the best place is looked at most


def test_the_same_seed_gives_the_same_walks() -> None:
    one, same, other = (
        search(BINARY, exact, SearchConfig(episodes=40), seed) for seed in (3, 3, 4)
    )
    assert one.statistics.n.tolist() == same.statistics.n.tolist()
    assert one.statistics.n.tolist() != other.statistics.n.tolist()


@pytest.mark.parametrize(
    "config",
    [
        SearchConfig(episodes=200),
        SearchConfig(episodes=200, side_by_side=7),
        SearchConfig(episodes=600, patience=30, top=3),
        SearchConfig(episodes=200, selection="epsilon-greedy", update="sarsa"),
        NAIVE,
    ],
)
def test_rewards_that_are_known_beforehand_give_the_same_search(
    config: SearchConfig,
) -> None:
    asked = search(BINARY, exact, config, 3)
    known = search_known(BINARY, VALUE, config, 3)
    assert known.ranking.tolist() == asked.ranking.tolist()
    assert known.statistics.n.tolist() == asked.statistics.n.tolist()
    assert np.array_equal(known.value, asked.value, equal_nan=True)
    course = (known.episodes, known.last_change, known.converged_after)
    assert course == (asked.episodes, asked.last_change, asked.converged_after)


def test_a_search_stops_when_the_order_rests() -> None:
    found = search(BINARY, exact, SearchConfig(episodes=5000, patience=150), 1)
    assert found.converged_after == found.last_change == found.episodes - 150
    assert (
        search(
            BINARY, exact, SearchConfig(episodes=20, patience=150), 1
        ).converged_after
        is None
    )


def test_few_walks_rank_few_ends() -> None:
    found = search(BINARY, exact, SearchConfig(episodes=1), 0)
    assert len(found.ranking) == 1
    assert np.isnan(found.value).sum() == len(BINARY.states) - 1


def test_one_end_and_equal_rewards() -> None:
    alone = grow(0, lambda _: [], lambda _: True)
    assert (
        search(
            alone, lambda states: np.ones(len(states)), SearchConfig(episodes=3), 0
        ).best_value
        == 1.0
    )
    level = search(BINARY, lambda states: np.ones(len(states)), SearchConfig(), 0)
    assert len(level.ranking) == 32


def test_textbook_settings_stay_near_the_root() -> None:
    # a chain of 30 ends, the best of them last: at even chances a walk gets there once in 2^29
    chain = grow(0, lambda k: [k + 1] if k < 29 else [], lambda _: True)
    naive, found = (
        search(chain, lambda states: states.astype(float), config, 0)
        for config in (NAIVE, SearchConfig())
    )
    assert max(chain.states[k] for k in naive.ranking) < 20
    assert [chain.states[k] for k in found.ranking[:20]] == list(range(29, 9, -1))


def test_epsilon_greedy_finds_the_best_leaf() -> None:
    found = search(BINARY, exact, SearchConfig(selection="epsilon-greedy"), 0)
    assert found.ranking[0] == by_value(BINARY)[0]
    greedy = SearchConfig(selection="epsilon-greedy", epsilon=0.0, final_epsilon=0.0)
    assert len(search(BINARY, exact, greedy, 0).ranking) == 1  # never tries another


def test_known_rewards_of_ends_must_be_finite() -> None:
    values = VALUE.copy()
    values[BINARY.ends[3]] = np.nan
    with pytest.raises(InputError, match="not a finite number"):
        search_known(BINARY, values, SearchConfig(), 0)
    # what is no end may be anything
    values = VALUE.copy()
    values[0] = np.nan
    search_known(BINARY, values, SearchConfig(), 0)


def test_unusable_rewards_are_refused() -> None:
    with pytest.raises(InputError, match="not a finite number"):
        search(BINARY, lambda states: np.full(len(states), np.nan), SearchConfig(), 0)
    with pytest.raises(InputError, match="one number per walk"):
        search(BINARY, lambda states: np.zeros(2), SearchConfig(), 0)
