"""Walks through a search tree and what they leave behind, compiled.

Every state has one action for each child, to move there, and if it is an end the action to end. A tree has one edge into each
state, so the statistics of an edge stand under the state it leads to: row MOVE for the way in, row END for ending there.

    selection          along tried actions, by one of the two rules below
    expansion          an untried action counts as Q_top until it is tried (optimistic initial value)
    simulation         from a state that no walk passed yet, actions are drawn by their prior until an end
    back-propagation   `back_up`: the reward of the end goes back along the walk; every edge of it is kept

Selection by upper bound takes the action with the highest

    min(0, Q(s,a) - Q_top) / spread + c P(a) sqrt(N(s)) / (1 + N(s,a)),

Q_top being the value of the last place in the ranking that matters and the spread that of all values so far. What is sought is a
ranking, so all ends within these places are equally good, and walks go where the ranking can still change. Selection by
epsilon-greedy takes the action with the highest Q(s,a), but with chance epsilon one drawn by the prior P. Ties go to the end,
then to the first child.

Sources: C. B. Browne et al., "A survey of Monte Carlo tree search methods", IEEE Trans. Comput. Intell. AI Games 4(1), 2012. The
bound: C. D. Rosin, "Multi-armed bandits with episode context", Ann. Math. Artif. Intell. 61, 2011, in the form of D. Silver et
al., "Mastering the game of Go without human knowledge", Nature 550, 2017, with tieline's own cap at Q_top.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.agents.standings import Standings, compiled, empty_standings, sort_in
from tieline.typing import BoolArray, FloatArray, IntArray

MOVE = 0
END = 1
"""Rows of the statistics."""


class Branching(NamedTuple):
    """A `SearchTree` as compiled code sees it; `prior` is the chance of each action while nothing is known, (2, state)."""

    parent: IntArray
    first_child: IntArray
    child: IntArray
    may_end: BoolArray
    prior: FloatArray


class Statistics(NamedTuple):
    """What is known of each edge: visits N and value Q, (2, state), where Q is NaN until tried; the last reward r of ending,
    (state,); and the order of the ends.
    """

    n: IntArray
    q: FloatArray
    r: FloatArray
    standings: Standings


class Rule(NamedTuple):
    """How to select and to learn; `epsilon` below 0 selects by upper bound, `rate` 0 stands for the mean of all samples."""

    exploration: float
    epsilon: float
    is_sarsa: bool
    rate: float
    discount: float
    top: int


def empty_statistics(n_states: int, n_ends: int) -> Statistics:
    """Before the first walk."""
    return Statistics(
        n=np.zeros((2, n_states), dtype=np.int64),
        q=np.full((2, n_states), np.nan),
        r=np.full(n_states, np.nan),
        standings=empty_standings(n_ends),
    )


@compiled
def learn_known(tree, stats, rule, epsilon_rise, random, values, batch, most, patience):
    """All episodes of a search whose rewards are known by state; how many there were, and the last that changed the ranking.

    `epsilon_rise` is how much epsilon rises from the first episode to the last, `batch` how many walks go side by side.
    """
    episodes = 0
    last_change = 0
    while episodes < most and episodes - last_change < patience:
        epsilon = rule.epsilon + epsilon_rise * episodes / max(most - 1, 1)
        rule_now = Rule(
            rule.exploration,
            epsilon,
            rule.is_sarsa,
            rule.rate,
            rule.discount,
            rule.top,
        )
        n_walks = min(batch, most - episodes)
        ends = choose_ends(tree, stats, rule_now, random, n_walks)
        last_of_batch = back_up(tree, stats, rule_now, ends, values[ends])
        if last_of_batch > 0:
            last_change = episodes + last_of_batch
        episodes += n_walks
    return episodes, last_change


@compiled
def choose_ends(tree, stats, rule, random, n_walks):
    """Walk to `n_walks` ends before any of their rewards is known.

    Walks that are under way count as visits until the last of them has ended, which spreads them.
    """
    ends = np.empty(n_walks, dtype=np.int64)
    for k in range(n_walks):
        ends[k] = _walk(tree, stats, rule, random)
        _count(tree, stats, ends[k], 1)
    for k in range(n_walks):
        _count(tree, stats, ends[k], -1)
    return ends


@compiled
def back_up(tree, stats, rule, ends, rewards):
    """Learn from rewards, one walk after the other; the number of the last one that changed the ranking, from 1, or 0."""
    last_change = 0
    for k in range(len(ends)):
        is_new = stats.n[END, ends[k]] == 0
        _learn(tree, stats, rule, ends[k], rewards[k])
        # the order is kept walk by walk: its marks steer the next ones
        if sort_in(stats.standings, stats.q[END], ends[k], is_new, rule.top):
            last_change = k + 1
    return last_change


@compiled
def _walk(tree, stats, rule, random):
    """The end of one walk from the root."""
    state = 0
    state_before = -1
    while state != state_before:  # ending is to stay
        state_before = state
        # where no walk has been there is nothing to go by but the prior
        if stats.n[MOVE, state] == 0 or (
            rule.epsilon >= 0 and random.random() < rule.epsilon
        ):
            state = _by_prior(tree, state, random.random())
        elif rule.epsilon >= 0:
            state = _by_value(tree, stats, state, random)
        else:
            state = _by_upper_bound(tree, stats, rule.exploration, state)
    return state


@compiled
def _by_prior(tree, state, draw):
    """The action that a draw from 0 to 1 picks by the prior."""
    draw -= tree.prior[END, state]
    if draw < 0:
        return state
    choice = state
    for k in range(tree.first_child[state], tree.first_child[state + 1]):
        choice = tree.child[k]
        draw -= tree.prior[MOVE, choice]
        if draw < 0:
            break
    return choice


@compiled
def _by_value(tree, stats, state, random):
    """The tried action of highest value."""
    choice = -1
    highest = -np.inf
    # NaN, an action that was not tried, is not above anything
    if stats.q[END, state] > highest:
        choice = state
        highest = stats.q[END, state]
    for k in range(tree.first_child[state], tree.first_child[state + 1]):
        value = stats.q[MOVE, tree.child[k]]
        if value > highest:
            choice = tree.child[k]
            highest = value
    if choice >= 0:
        return choice
    return _by_prior(tree, state, random.random())


@compiled
def _by_upper_bound(tree, stats, exploration, state):
    """The action of highest upper bound."""
    weight = exploration * np.sqrt(stats.n[MOVE, state])
    choice = -1
    highest = -np.inf
    if tree.may_end[state]:
        choice = state
        highest = _upper_bound(tree, stats, weight, END, state)
    for k in range(tree.first_child[state], tree.first_child[state + 1]):
        bound = _upper_bound(tree, stats, weight, MOVE, tree.child[k])
        if bound > highest:
            choice = tree.child[k]
            highest = bound
    return choice


@compiled
def _upper_bound(tree, stats, weight, row, state):
    top, spread = stats.standings.mark
    behind = stats.q[row, state] - top
    value = 0.0
    # NaN, an action that was not tried, is not below 0: it counts as the last place that matters
    if behind < 0 and spread > 0:
        value = behind / spread
    return value + weight * tree.prior[row, state] / (1 + stats.n[row, state])


@compiled
def _count(tree, stats, end, visits):
    """Add visits to every edge of a walk; those of the root count the walks."""
    stats.n[END, end] += visits
    state = end
    while state >= 0:
        stats.n[MOVE, state] += visits
        state = tree.parent[state]


@compiled
def _learn(tree, stats, rule, end, reward):
    """One walk's reward, from its end back to the root."""
    _count(tree, stats, end, 1)
    stats.r[end] = reward
    rate = rule.rate if rule.rate > 0 else 1 / stats.n[END, end]
    value = _towards(stats.q[END, end], reward, rate)
    stats.q[END, end] = value
    state = end
    while state > 0:
        # SARSA learns from the action that the walk took, Q-learning from the best there is
        if not rule.is_sarsa:
            value = _highest_value(tree, stats.q, state)
        rate = _rate_of_move(rule, stats.n[MOVE, state])
        value = _towards(stats.q[MOVE, state], rule.discount * value, rate)
        stats.q[MOVE, state] = value
        state = tree.parent[state]


@compiled
def _rate_of_move(rule, visits):
    if rule.rate > 0:
        return rule.rate
    return 1 / visits if rule.is_sarsa else 1.0


@compiled
def _towards(q, target, rate):
    """Q + rate (target - Q), from zero if the edge was never tried."""
    start = q
    if np.isnan(q):
        start = 0.0
    return start + rate * (target - start)


@compiled
def _highest_value(tree, q, state):
    """max Q(s', .) over tried actions."""
    highest = -np.inf
    if q[END, state] > highest:
        highest = q[END, state]
    for k in range(tree.first_child[state], tree.first_child[state + 1]):
        value = q[MOVE, tree.child[k]]
        if value > highest:
            highest = value
    return highest
