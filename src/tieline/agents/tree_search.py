"""Monte-Carlo tree search with reinforcement learning: which ends of a tree are worth most, learned from walks.

An episode walks from the root to an end, by statistics where there are some and at random beyond, is told the reward of that end
and takes it back along the way (`walks` has the steps). The result is a ranking of the ends by the value Q(s, end). With a
learning rate alpha and discount gamma the updates are those of the thesis (eq. 4.25), where only ending earns:

    end          Q(s, end)  <- Q(s, end)  + alpha [r - Q(s, end)]
    Q-learning   Q(s, move) <- Q(s, move) + alpha [gamma max_a Q(s', a) - Q(s, move)]
    SARSA        Q(s, move) <- Q(s, move) + alpha [gamma Q(s', a') - Q(s, move)],   a' the action the walk took in s'

Without a learning rate (the default) values are means: alpha is 1/N(s, a), and for moves of Q-learning 1, since the maximum of
means needs no averaging of its own. With a fixed rate a value that starts at zero is off by (1 - alpha)^N, so ends that are
seldom visited are ranked by their visits.

A search has converged when the order of the first `top` ends has not changed for `patience` episodes. It stops there, and the
episode of the last change is the number of episodes it took. That tells of the search and proves nothing: an end that was never
tried has no place in the order.

Source: M. Al-Saffar, PhD thesis, University of Alberta, section 4.2.1 and eq. 4.25; what differs is told in docs/tree-search.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from tieline.agents.search_tree import SearchTree
from tieline.agents.walks import (
    END,
    MOVE,
    Branching,
    Rule,
    Statistics,
    back_up,
    choose_ends,
    empty_statistics,
    learn_known,
)
from tieline.errors import InputError
from tieline.settings import Settings
from tieline.typing import FloatArray, IntArray

Reward = Callable[[IntArray], FloatArray]
"""Rewards of ending at states, given by their indices in `SearchTree.states`, (walk,) -> (walk,). It may draw noise."""


class SearchConfig(Settings):
    """How a search selects, learns and stops. The defaults were chosen on four feeders; docs/tree-search.md has the figures."""

    episodes: int = Field(default=600, ge=1, description="Most episodes.")
    top: int = Field(
        default=20, ge=1, description="First places of the ranking that matter."
    )
    patience: int | None = Field(
        default=None,
        ge=1,
        description="Episodes without a change of that order after which to stop; none never stops early.",
    )
    selection: Literal["upper-bound", "epsilon-greedy"] = Field(
        default="upper-bound", description="How an action is selected."
    )
    exploration: float = Field(
        default=4.0, ge=0, description="Weight c of the visits in the upper bound."
    )
    epsilon: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Chance of a random action in the first episode (epsilon-greedy).",
    )
    final_epsilon: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="The same in the last; in between it falls evenly.",
    )
    prior_power: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="An action is likely as the ends behind it to this power; 0: all actions are alike.",
    )
    update: Literal["q-learning", "sarsa"] = Field(
        default="q-learning", description="What a move learns from."
    )
    learning_rate: float | None = Field(
        default=None, gt=0, le=1, description="Learning rate alpha; means if left out."
    )
    discount: float = Field(
        default=1.0, gt=0, le=1, description="Worth of a reward one move later (gamma)."
    )
    side_by_side: int = Field(
        default=1,
        ge=1,
        description="Walks that end before any of their rewards is known: a batch for them.",
    )


NAIVE = SearchConfig(
    selection="epsilon-greedy",
    epsilon=0.1,
    final_epsilon=0.1,
    prior_power=0.0,
    learning_rate=0.1,
)
"""The textbook settings: fixed epsilon and learning rate, all actions alike. They stay near the root; see docs/tree-search.md."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What a search found.

    Attributes:
        tree: where it searched.
        statistics: N(s, a), Q(s, a) and r(s, a) of every edge.
        episodes: how many there were.
        last_change: the episode that last changed the order of the first `top` ends.
        converged_after: that episode if the search stopped because nothing changed any more, else None.
    """

    tree: SearchTree
    statistics: Statistics
    episodes: int
    last_change: int
    converged_after: int | None

    @property
    def value(self) -> FloatArray:
        """Learned value of ending at each state, (state,); NaN where no walk ended."""
        return self.statistics.q[END]

    @property
    def ranking(self) -> IntArray:
        """The states where walks ended, best first."""
        standings = self.statistics.standings
        return standings.order[: standings.count[0]]

    @property
    def best_value(self) -> float:
        """Value of the root: the highest value of its actions."""
        q = self.statistics.q
        n_children = self.tree.first_child[1]
        children = self.tree.child[:n_children]
        values = [q[END, 0], *q[MOVE, children]]
        # NaN stands for an action that no walk has tried
        return float(np.nanmax(values))


def search(
    tree: SearchTree, reward: Reward, config: SearchConfig, seed: int
) -> Learned:
    """Learn what the ends of a tree are worth.

    Args:
        tree: where to walk; `search_tree.grow` makes one.
        reward: asked for `config.side_by_side` walks at a time.
        config: how to select, learn and stop.
        seed: of the walks; the same seed, tree and rewards give the same answer.

    Raises:
        InputError: if a reward is not finite or `reward` returns another shape than it was given.
    """
    return _searched(tree, reward, config, seed, lambda statistics: None)


def search_known(
    tree: SearchTree, values: FloatArray, config: SearchConfig, seed: int
) -> Learned:
    """`search` where the reward of every end is known beforehand: the same answer, in a part of the time.

    Args:
        tree, config, seed: as of `search`.
        values: reward of ending at each state, (state,); of states that are no ends anything.

    Raises:
        InputError: if the value of an end is not finite.
    """
    _checked(tree, lambda ends: values[ends], tree.ends)
    statistics = empty_statistics(len(tree.states), len(tree.ends))
    episodes, last_change = learn_known(
        _branching(tree, config.prior_power),
        statistics,
        _rule(config, 0),
        _epsilon_rise(config),
        np.random.default_rng(seed),
        values,
        config.side_by_side,
        config.episodes,
        config.patience or config.episodes,
    )
    return _learned(tree, config, statistics, episodes, last_change)


def value_course(
    tree: SearchTree, reward: Reward, config: SearchConfig, seed: int, states: IntArray
) -> FloatArray:
    """Learned values of ending at some states after each episode of a search, (episode, state); NaN until one has ended there.

    Arguments and errors as of `search`; walks that run side by side are learned from together and count as one row.
    """
    rows: list[FloatArray] = []
    _searched(
        tree,
        reward,
        config,
        seed,
        lambda statistics: rows.append(statistics.q[END, states]),
    )
    return np.array(rows)


def _searched(
    tree: SearchTree,
    reward: Reward,
    config: SearchConfig,
    seed: int,
    watch: Callable[[Statistics], None],
) -> Learned:
    """The search; `watch` is shown the statistics after each batch of walks."""
    branching = _branching(tree, config.prior_power)
    statistics = empty_statistics(len(tree.states), len(tree.ends))
    random = np.random.default_rng(seed)
    episodes = 0
    last_change = 0
    patience = config.patience or config.episodes
    while episodes < config.episodes and episodes - last_change < patience:
        rule = _rule(config, episodes)
        n_walks = min(config.side_by_side, config.episodes - episodes)
        ends = choose_ends(branching, statistics, rule, random, n_walks)
        rewards = _checked(tree, reward, ends)
        # the walks of a batch are numbered from 1; 0 says that none of them changed the order
        last_of_batch = back_up(branching, statistics, rule, ends, rewards)
        if last_of_batch > 0:
            last_change = episodes + last_of_batch
        episodes += len(ends)
        watch(statistics)
    return _learned(tree, config, statistics, episodes, last_change)


def _learned(
    tree: SearchTree,
    config: SearchConfig,
    statistics: Statistics,
    episodes: int,
    last_change: int,
) -> Learned:
    """What a search that has ended found."""
    is_at_rest = (
        config.patience is not None and episodes - last_change >= config.patience
    )
    return Learned(
        tree, statistics, episodes, last_change, last_change if is_at_rest else None
    )


def _branching(tree: SearchTree, prior_power: float) -> Branching:
    """The arrays of compiled code."""
    weight = tree.ends_behind.astype(float) ** prior_power
    # of all actions of a state: to end weighs 1, to move to a child what lies behind it
    total_weight = tree.may_end.astype(float)
    np.add.at(total_weight, tree.parent[1:], weight[1:])
    move_chance = weight / total_weight[tree.parent]
    end_chance = tree.may_end / total_weight
    prior = np.stack([move_chance, end_chance])
    return Branching(tree.parent, tree.first_child, tree.child, tree.may_end, prior)


def _rule(config: SearchConfig, episodes: int) -> Rule:
    """The rule after some episodes."""
    epsilon = config.epsilon if config.selection == "epsilon-greedy" else -1.0
    rise = _epsilon_rise(config)
    return Rule(
        exploration=config.exploration,
        epsilon=epsilon + rise * episodes / max(config.episodes - 1, 1),
        is_sarsa=config.update == "sarsa",
        rate=config.learning_rate or 0.0,
        discount=config.discount,
        top=config.top,
    )


def _epsilon_rise(config: SearchConfig) -> float:
    """How much epsilon rises from the first episode to the last: below 0 where it falls, 0 where it has no part."""
    if config.selection == "epsilon-greedy":
        return config.final_epsilon - config.epsilon
    return 0.0


def _checked(tree: SearchTree, reward: Reward, ends: IntArray) -> FloatArray:
    """The rewards, or a message that says which is unusable."""
    rewards = np.asarray(reward(ends), dtype=float)
    if rewards.shape != ends.shape:
        raise InputError(
            f"The reward of a tree search must have one number per walk, shape {ends.shape}; got {rewards.shape}."
        )
    if not np.isfinite(rewards).all():
        state = tree.states[ends[~np.isfinite(rewards)][0]]
        raise InputError(
            f"The reward of ending at '{state}' is not a finite number. Leave out such ends when the tree is grown."
        )
    return rewards
