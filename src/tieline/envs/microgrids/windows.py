"""`Windows`: windows of steps side by side, each with the state it begins with, and `DayStack`, the days they are cut from.

Beyond the last step of a day the same day begins anew: what comes after midnight is then read from its small hours, which
are the nearest that is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """

    hour: FloatArray
    step_h: float
    price: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray
    sun: FloatArray
    start: WindowStart

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
        )


@dataclass(frozen=True, eq=False)
class DayStack:
    """Days of equal length, one above the other: the arrays of `Day` with a day axis first."""

    hour: FloatArray
    step_h: float
    price: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray
    sun: FloatArray
    stored_kwh: FloatArray
    last_kw: FloatArray

    @classmethod
    def of(cls, days: Sequence[Day]) -> DayStack:
        """Stack days; all have the same steps."""
        arrays = {}
        for name in _SERIES:
            arrays[name] = np.stack([getattr(day, name) for day in days])
        return cls(step_h=days[0].step_h, **arrays)

    def __len__(self) -> int:
        """Number of days."""
        return len(self.hour)

    @property
    def n_steps(self) -> int:
        """Steps of each day."""
        return self.hour.shape[1]

    def start(self, n_microgrids: int) -> WindowStart:
        """The state before the first step of every day; voltages that nobody has measured yet stand at 1."""
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
