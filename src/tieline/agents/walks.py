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

from tieline.agents.standings import Standings, compiled, empty_standings, settle
from tieline.typing import BoolArray, FloatArray, IntArray

MOVE, END = 0, 1
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
    q, r = np.full((2, n_states), np.nan), np.full(n_states, np.nan)
    return Statistics(np.zeros((2, n_states), dtype=np.int64), q, r, empty_standings(n_ends))


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
    changed = 0
    for k in range(len(ends)):
        is_new = stats.n[END, ends[k]] == 0
        _learn(tree, stats, rule, ends[k], rewards[k])
        if settle(stats.standings, stats.q[END], ends[k], is_new, rule.top):
            changed = k + 1
    return changed


@compiled
def _walk(tree, stats, rule, random):
    """The end of one walk from the root."""
    state, before = 0, -1
    while state != before:  # ending is to stay
        before = state
        if stats.n[MOVE, state] == 0 or (rule.epsilon >= 0 and random.random() < rule.epsilon):
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
    choice, best = -1, -np.inf
    if stats.q[END, state] > best:
        choice, best = state, stats.q[END, state]
    for k in range(tree.first_child[state], tree.first_child[state + 1]):
        if stats.q[MOVE, tree.child[k]] > best:
            choice, best = tree.child[k], stats.q[MOVE, tree.child[k]]
    return choice if choice >= 0 else _by_prior(tree, state, random.random())


@compiled
def _by_upper_bound(tree, stats, exploration, state):
    """The action of highest upper bound."""
    weight = exploration * np.sqrt(stats.n[MOVE, state])
    choice, best = -1, -np.inf
    if tree.may_end[state]:
        choice, best = state, _upper_bound(tree, stats, weight, END, state)
    for k in range(tree.first_child[state], tree.first_child[state + 1]):
        bound = _upper_bound(tree, stats, weight, MOVE, tree.child[k])
        if bound > best:
            choice, best = tree.child[k], bound
    return choice


@compiled
def _upper_bound(tree, stats, weight, row, state):
    top, spread = stats.standings.mark
    behind = stats.q[row, state] - top
    value = behind / spread if behind < 0 and spread > 0 else 0.0  # NaN, untried, is not below 0
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
    value = stats.q[END, end] = _towards(stats.q[END, end], reward, rate)
    state = end
    while state > 0:
        if not rule.is_sarsa:
            value = _highest_value(tree, stats.q, state)
        rate = _rate_of_move(rule, stats.n[MOVE, state])
        value = stats.q[MOVE, state] = _towards(stats.q[MOVE, state], rule.discount * value, rate)
        state = tree.parent[state]


@compiled
def _rate_of_move(rule, visits):
    if rule.rate > 0:
        return rule.rate
    return 1 / visits if rule.is_sarsa else 1.0


@compiled
def _towards(q, target, rate):
    """Q + rate (target - Q), from zero if the edge was never tried."""
    start = q if q == q else 0.0
    return start + rate * (target - start)


@compiled
def _highest_value(tree, q, state):
    """max Q(s', .) over tried actions."""
    best = q[END, state] if q[END, state] == q[END, state] else -np.inf
    for k in range(tree.first_child[state], tree.first_child[state + 1]):
        if q[MOVE, tree.child[k]] > best:
            best = q[MOVE, tree.child[k]]
    return best
