"""`Windows`: windows of steps side by side, each with the state it begins with, and `DayStack`, the days they are cut from.

Beyond the last step of a day the same day begins anew: what comes after midnight is then read from its small hours, which
are the nearest that is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tieline.envs.microgrids.day import Day
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class WindowStart:
    """What a window begins with; the three numbers of the devices and the grid that a decision depends on.

    Attributes:
        stored_kwh: (window, battery).
        last_kw: power of generators in the step before, (window, generator).
        pcc_pu: voltage of each microgrid at its PCC in the step before, (window, microgrid).
    """

    stored_kwh: FloatArray
    last_kw: FloatArray
    pcc_pu: FloatArray


@dataclass(frozen=True, eq=False)
class Windows:
    """A batch of windows.

    Attributes:
        hour: local hour of each step, (window, step) [h].
        step_h: length of a step [h].
        price: where energy is metered, (window, step) [currency/kWh].
        load_kw, load_kvar: of every load of the feeder, (window, step, load).
        sun: power of PV as a share of rated, (window, step, pv).
        start: state before the first step.
        positions: `taps` and `capacitor_steps` held in all its steps, (window, regulator) and (window, capacitor); without them
            the feeder's.
    """

    hour: FloatArray
    step_h: float
    price: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray
    sun: FloatArray
    start: WindowStart
    positions: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of windows."""
        return len(self.hour)

    @property
    def n_steps(self) -> int:
        """Steps of each window."""
        return self.hour.shape[1]

    def take(self, rows: IntArray) -> Windows:
        """Some of the windows, in any order and any number."""
        start = WindowStart(
            self.start.stored_kwh[rows],
            self.start.last_kw[rows],
            self.start.pcc_pu[rows],
        )
        return Windows(
            hour=self.hour[rows],
            step_h=self.step_h,
            price=self.price[rows],
            load_kw=self.load_kw[rows],
            load_kvar=self.load_kvar[rows],
            sun=self.sun[rows],
            start=start,
            positions=_picked(self.positions, rows),
        )


@dataclass(frozen=True, eq=False)
class DayStack:
    """Days of equal length, one above the other: the arrays of `Day` with a day axis first, and what is held in each."""

    hour: FloatArray
    step_h: float
    price: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray
    sun: FloatArray
    stored_kwh: FloatArray
    last_kw: FloatArray
    positions: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(
        cls, days: Sequence[Day], positions: Sequence[Mapping[str, Any]] = ()
    ) -> DayStack:
        """Stack days; all have the same steps.

        Args:
            days: their series.
            positions: `taps` and `capacitor_steps` held in each (`day.held_positions`); left out, those of the feeder.
        """
        arrays = {}
        for name in _SERIES:
            arrays[name] = np.stack([getattr(day, name) for day in days])
        return cls(step_h=days[0].step_h, positions=_stacked(positions), **arrays)

    def __len__(self) -> int:
        """Number of days."""
        return len(self.hour)

    @property
    def n_steps(self) -> int:
        """Steps of each day."""
        return self.hour.shape[1]

    def start(self, n_microgrids: int) -> WindowStart:
        """The state before the first step of every day, with voltages at 1: `before.state_before` works them out."""
        pcc_pu = np.ones((len(self), n_microgrids))
        return WindowStart(self.stored_kwh, self.last_kw, pcc_pu)

    def windows(
        self, days: IntArray, first: IntArray, n_steps: int, start: WindowStart
    ) -> Windows:
        """Windows that begin at steps `first` of some days, (window,) each, in states `start`."""
        steps = (first[:, None] + np.arange(n_steps)) % self.n_steps
        rows = days[:, None]
        return Windows(
            hour=self.hour[rows, steps],
            step_h=self.step_h,
            price=self.price[rows, steps],
            load_kw=self.load_kw[rows, steps],
            load_kvar=self.load_kvar[rows, steps],
            sun=self.sun[rows, steps],
            start=start,
            positions=_picked(self.positions, days),
        )


_SERIES = (
    "hour",
    "price",
    "load_kw",
    "load_kvar",
    "sun",
    "stored_kwh",
    "last_kw",
)


def _stacked(positions: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    names = dict.fromkeys(name for of_day in positions for name in of_day)
    return {name: np.array([of_day[name] for of_day in positions]) for name in names}


def _picked(
    positions: Mapping[str, np.ndarray], rows: IntArray
) -> dict[str, np.ndarray]:
    return {name: of_rows[rows] for name, of_rows in positions.items()}
