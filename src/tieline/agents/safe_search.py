"""`Correction`: the search of the safety step (`agents.safety`) for the action within limits that is nearest to the proposed one.

Rounds of a linear model and a replay, from the proposed action first and from points further off where that is not enough; the
best action seen is kept. Which episodes need it, and what is told of it, is decided in `agents.safety`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.agents.cuts import Cuts, Tangents
from tieline.agents.nearest import Limits, nearest_feasible
from tieline.agents.safe_actions import SafeActions
from tieline.envs.safeguarded import Bounds, Kept, Limited, Safeguarded
from tieline.envs.state_rows import take_rows
from tieline.typing import FloatArray, IntArray

MARGIN_PU = 1e-5
"""A tenth of the violation that counts as none in studies (1e-4), a thousand times the tolerance of the power flow (1e-8)."""

ROOM_PU = 1e-6
"""By how much more than necessary limits are relaxed [pu]: ten times the tolerance of the linear program."""

PARTS_OF_THE_WAY = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Where further looks are taken between the proposed action and another."""

AT_REST = 1e-4
"""An action that a round moves by less, as a share of its range, has come to rest."""


class Correction:
    """Episodes on their way into their limits. Points are actions in shares of each entry's range; `best` are the best so far."""

    def __init__(self, task: Safeguarded, state: Any, proposed: FloatArray):
        # an entry without room has no range to be measured in
        span = task.action.high - task.action.low
        self._task = task
        self._state = state
        self._range = np.where(span > 0, span, 1.0)
        self._kept: Kept = task.kept(state)
        self._bounds = _in_ranges(task.bounds(state), self._range)
        self._proposed = task.carried_out(state, proposed) / self._range
        self._point = self._proposed.copy()
        self._best = self._proposed.copy()
        self._violation = np.full(len(proposed), np.inf)
        self._badness = np.full(len(proposed), np.inf)
        self._relaxed = np.zeros(len(proposed))
        self._cuts = Cuts(*proposed.shape)

    def run(
        self, busy: IntArray, limited: Limited, rows: IntArray, rounds: int
    ) -> None:
        """Correct the episodes `busy` until they rest; `rows` of `limited` hold the replays of their present points."""
        self._note(busy, limited, rows)
        for _ in range(rounds):
            if len(busy) == 0:
                break
            move = self._project(busy, limited, rows)
            states = take_rows(self._state, busy)
            limited = self._replay(states, self._point[busy])
            self._note(busy, limited, np.arange(len(busy)))
            violation = limited.violation_pu
            # where limits had to be relaxed a violation is what the linear model promised, and no reason to go on
            is_unmet = (violation > 0) & (self._relaxed[busy] == 0)
            goes_on = (move > AT_REST) | is_unmet
            rows = np.flatnonzero(np.isfinite(violation) & goes_on)
            busy = busy[rows]

    def look_elsewhere(self, rounds: int) -> None:
        """Start again from points further off: where violations remain, on the way to corners of the bounds; then, where controls
        act, on the way back from the best action to the proposed one.
        """
        size = len(self._range)
        one_entry = np.eye(size)
        all_but_one = 1.0 - one_entry
        # not all 2^n corners: those that move together, and those where one entry stands apart
        shares = np.vstack([np.zeros(size), np.ones(size), one_entry, all_but_one])
        violating = np.flatnonzero(self._violation > 0)
        bounds = self._bounds
        low = bounds.low[violating, None, :]
        room = bounds.high[violating, None, :] - low
        self._start_again(violating, low + shares * room, rounds)
        if not self._task.controls_act:
            return
        # after the corners, which may have brought an episode within limits, but far off
        distance = self._distance(np.arange(len(self._best)))
        is_safe = self._violation == 0
        distant = np.flatnonzero(is_safe & (distance > AT_REST))
        self._start_again(distant, self._best[distant, None, :], rounds)

    def _start_again(self, busy: IntArray, targets: FloatArray, rounds: int) -> None:
        """Correct from the best of the points on the way from the proposed action to `targets`, (episode, target, action); where
        nothing violates, only from a nearer point where nothing does either.
        """
        if len(busy) == 0:
            return
        points = self._points_towards(busy, targets)
        count = points.shape[1]
        # all points of all episodes in one batch of power flows
        repeated = np.repeat(busy, count)
        states = take_rows(self._state, repeated)
        shares = points.reshape(len(repeated), -1)
        actions = self._task.carried_out(states, shares * self._range)
        starts = actions / self._range
        limited = self._replay(states, starts)
        badness = _badness(limited).reshape(len(busy), count)
        distance = self._distance_of(starts.reshape(points.shape), busy)
        order = np.lexsort((distance, badness), axis=1)  # by badness, then by distance
        best = order[:, 0]
        episodes = np.arange(len(busy))
        least_badness = badness[episodes, best]
        best_distance = distance[episodes, best]
        is_nearer = best_distance < self._distance(busy) - AT_REST
        # an action within limits is given up only for one that is nearer to what was proposed
        is_safe_and_nearer = (least_badness == 0) & is_nearer
        is_better = is_safe_and_nearer | (self._violation[busy] > 0)
        goes_on = np.isfinite(least_badness) & is_better
        best_rows = best + episodes * count
        rows = best_rows[goes_on]
        starting = busy[goes_on]
        self._point[starting] = starts[rows]
        self.run(starting, limited, rows, rounds)

    def _replay(self, states: Any, points: FloatArray) -> Limited:
        """What the power flow says of points."""
        return self._task.limited(states, points * self._range)

    def _points_towards(self, busy: IntArray, targets: FloatArray) -> FloatArray:
        """Points between the proposed actions and `targets`, (episode, point, action), part by part of the way."""
        origin = self._proposed[busy, None, None, :]
        way = targets[:, None] - origin  # (episode, 1, target, action)
        parts = np.array(PARTS_OF_THE_WAY)[:, None, None]
        points = origin + parts * way
        return points.reshape(len(busy), -1, points.shape[-1])

    def write(self, safe: SafeActions, rows: IntArray) -> None:
        """Enter the best actions, where they are better than what was proposed."""
        # where nothing better was found the best is what was proposed
        move = self._distance(np.arange(len(rows)))
        is_changed = move > 0
        safe.moved[rows] = move
        safe.touched[rows] = is_changed
        changed = np.flatnonzero(is_changed)
        states = take_rows(self._state, changed)
        best = self._best[changed] * self._range
        actions = self._task.carried_out(states, best)
        safe.actions[rows[changed]] = actions
        safe.violation_after[rows] = self._violation
        safe.relaxed_pu[rows] = self._relaxed

    def _distance(self, busy: IntArray) -> FloatArray:
        """How far the best actions are from the proposed ones, (episode,)."""
        move = self._best[busy] - self._proposed[busy]
        return np.linalg.norm(move, axis=1)

    def _distance_of(self, points: FloatArray, busy: IntArray) -> FloatArray:
        """How far points are from the proposed actions, (episode, point)."""
        move = points - self._proposed[busy, None, :]
        return np.linalg.norm(move, axis=2)

    def _project(self, busy: IntArray, limited: Limited, rows: IntArray) -> FloatArray:
        """Move each episode to the nearest point of its linear model; largest move of any entry, (episode,)."""
        # per whole range of an entry, as points are measured
        slopes = limited.slopes(rows) * self._range
        before = self._point[busy].copy()
        for episode, row, slope in zip(busy, rows, slopes, strict=True):
            limits = self._limits(episode, limited, limited.value[row], slope)
            point, amount = nearest_feasible(self._proposed[episode], limits, ROOM_PU)
            self._point[episode] = point
            # within the margin a limit is relaxed in name only
            self._relaxed[episode] = max(0.0, amount - MARGIN_PU)
        move = np.abs(self._point[busy] - before)
        return move.max(axis=1)

    def _limits(
        self, episode: int, limited: Limited, value: FloatArray, slope: FloatArray
    ) -> Limits:
        """Limits of one episode, linear around its present point."""
        at_zero = value - slope @ self._point[episode]
        upper = np.isfinite(limited.high)
        lower = np.isfinite(limited.low)
        room_above = (limited.high - at_zero)[upper]
        room_below = (at_zero - limited.low)[lower]
        cuts = self._earlier_tangents(episode, limited, value, slope)
        never = np.zeros(len(cuts.most), dtype=bool)
        is_hard = np.concatenate(
            [limited.is_hard[upper], limited.is_hard[lower], never]
        )
        # a little inside, for the last replay to be within limits and not on them up to rounding; a device can stand on its own
        margin = np.where(is_hard, 0.0, MARGIN_PU)
        bounds = self._bounds
        return Limits(
            rows=np.vstack([slope[upper], -slope[lower], cuts.rows]),
            most=np.concatenate([room_above, room_below, cuts.most]) - margin,
            matrix=self._kept.matrix[episode] * self._range,
            total=self._kept.total[episode],
            low=bounds.low[episode],
            high=bounds.high[episode],
            is_hard=is_hard,
        )

    def _earlier_tangents(
        self, episode: int, limited: Limited, value: FloatArray, slope: FloatArray
    ) -> Tangents:
        """Those of convex quantities at points before the present one."""
        point = self._point[episode]
        beyond = value - limited.high
        # lines around a circle of a device are tight already
        can_bend = limited.is_convex & ~limited.is_hard
        quantity = np.flatnonzero(can_bend & (beyond > 0))
        return self._cuts.update(episode, point, quantity, beyond, slope)

    def _note(self, busy: IntArray, limited: Limited, rows: IntArray) -> None:
        """Keep the present points where they are the best so far."""
        badness = _badness(limited)[rows]
        best_badness = self._badness[busy]
        move = self._point[busy] - self._proposed[busy]
        distance = np.linalg.norm(move, axis=1)
        is_nearer = distance < self._distance(busy)
        is_as_good = badness == best_badness
        is_better = (badness < best_badness) | (is_as_good & is_nearer)
        improved = busy[is_better]
        self._best[improved] = self._point[improved]
        self._badness[improved] = badness[is_better]
        self._violation[improved] = limited.violation_pu[rows[is_better]]


def _in_ranges(bounds: Bounds, span: FloatArray) -> Bounds:
    """Bounds in shares of each entry's range."""
    return Bounds(bounds.low / span, bounds.high / span)


def _badness(limited: Limited) -> FloatArray:
    """The sum of violations in steps of `ROOM_PU`, (episode,): less is no reason to move; 0 only where nothing violates."""
    return np.ceil(limited.beyond_pu.sum(axis=1) / ROOM_PU)
