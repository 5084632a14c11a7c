"""`Walk`: many days side by side, each at a step of its own: the windows that the policies of the moment come into.

All take one step for each update, with the set-points that the policies wish without noise, as far as devices follow. A day that
is over begins anew as another one. Policies are so judged in the states that they lead to, at all hours at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tieline.agents.window_policies.inputs import Eyes
from tieline.envs.microgrids.before import state_before
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.follow import followed
from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.window_model import WindowModel, WindowOutcome
from tieline.envs.microgrids.windows import DayStack, Windows, WindowStart
from tieline.typing import FloatArray, IntArray

Wish = Callable[[Windows], SetPoints]
"""Set-points that all agents wish in windows."""


class Steps:
    """Takes steps of days on a plant; `n_steps` is the length of a window."""

    def __init__(
        self, eyes: Eyes, model: WindowModel, devices: DeviceLimits, n_steps: int
    ):
        self.n_steps = n_steps
        self._eyes = eyes
        self._model = model
        self._devices = devices

    def before(self, days: DayStack) -> WindowStart:
        """The state before the first step of days."""
        return state_before(self._eyes.observer, days)

    def take(
        self, first: Windows, wish: SetPoints
    ) -> tuple[WindowOutcome, WindowStart]:
        """The first step of windows.

        Args:
            first: windows of one step.
            wish: set-points of windows that begin with it.

        Returns:
            What came of it, and the state after it.
        """
        start = first.start
        response = followed(self._devices, wish.first, start)
        outcome = self._model.outcome(first, response)
        generators = self._eyes.plant.generator_ders
        after = WindowStart(
            stored_kwh=self._stored_kwh(outcome),
            last_kw=response.der_kw[:, 0, generators],
            pcc_pu=self._pcc_pu(outcome, start.pcc_pu),
        )
        return outcome, after

    def _stored_kwh(self, outcome: WindowOutcome) -> FloatArray:
        units = self._eyes.plant.batteries
        after_kwh = outcome.stored_kwh[:, 0]
        # the last digit only: the next window would begin beyond a limit
        return np.clip(after_kwh, units.stored_min_kwh, units.stored_max_kwh)

    def _pcc_pu(self, outcome: WindowOutcome, before_pu: FloatArray) -> FloatArray:
        """What the meters measure; without a power flow what they measured before."""
        solution = outcome.solution
        measured_pu = self._eyes.observer.pcc_pu(solution)
        is_solved = solution.converged[:, None]
        return np.where(is_solved, measured_pu, before_pu)


class Walk:
    """Days on the way."""

    def __init__(
        self,
        days: DayStack,
        steps: Steps,
        n_windows: int,
        wish: Wish,
        random: np.random.Generator,
    ):
        """Begin at random steps of random days, in the states to which `wish` leads."""
        self._days = days
        self._steps = steps
        self._random = random
        # one power flow for all days that begin anew
        self._before = steps.before(days)
        self._day = random.integers(len(days), size=n_windows)
        self._step = random.integers(days.n_steps, size=n_windows)
        starts = roll_out(days, steps, wish).starts
        self._start = _pick(starts, self._step, self._day)

    def windows(self) -> Windows:
        """The windows that begin now."""
        return self._windows(self._steps.n_steps)

    def advance(self, wish: SetPoints) -> None:
        """One step of all."""
        _, after = self._steps.take(self._windows(1), wish)
        self._start = after
        self._step = self._step + 1
        is_over = self._step == self._days.n_steps
        places = np.flatnonzero(is_over)
        self._begin_anew(places)

    def _windows(self, n_steps: int) -> Windows:
        return self._days.windows(self._day, self._step, n_steps, self._start)

    def _begin_anew(self, places: IntArray) -> None:
        n_days = len(self._days)
        days = self._random.integers(n_days, size=len(places))
        self._step[places] = 0
        self._day[places] = days
        for name in _STATE:
            state = getattr(self._start, name)
            first = getattr(self._before, name)
            state[places] = first[days]


class Course:
    """Days as they went.

    Attributes:
        starts: state before each step, (step,) of (day, ...).
        cost: of all microgrids, (day, step, microgrid) [currency].
        excess: of the limits of the grid, (day, step, constraint); NaN without a power flow.
        stored_gain_kwh: stored at the end beyond the start, (day, battery).
    """

    def __init__(
        self,
        starts: list[WindowStart],
        outcomes: list[WindowOutcome],
        stored_gain_kwh: FloatArray,
    ):
        self.starts = starts
        self.cost = np.concatenate([outcome.cost for outcome in outcomes], axis=1)
        self.excess = np.concatenate([outcome.excess for outcome in outcomes], axis=1)
        self.stored_gain_kwh = stored_gain_kwh


def roll_out(days: DayStack, steps: Steps, wish: Wish) -> Course:
    """All days from their first to their last step, windows decided and their first step carried out."""
    every = np.arange(len(days))
    start = steps.before(days)
    starts = []
    outcomes = []
    for number in range(days.n_steps):
        at = np.full(len(days), number)
        starts.append(start)
        wishes = wish(days.windows(every, at, steps.n_steps, start))
        first = days.windows(every, at, 1, start)
        outcome, start = steps.take(first, wishes)
        outcomes.append(outcome)
    return Course(starts, outcomes, start.stored_kwh - days.stored_kwh)


_STATE = ("stored_kwh", "last_kw", "pcc_pu")


def _pick(starts: list[WindowStart], step: IntArray, day: IntArray) -> WindowStart:
    """The state before a step of a day, for each window."""
    arrays = {}
    for name in _STATE:
        of_steps = [getattr(start, name) for start in starts]
        by_step = np.stack(of_steps)
        arrays[name] = by_step[step, day]
    return WindowStart(**arrays)
