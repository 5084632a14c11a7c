"""The load shapes that a feeder brings along, at the steps of a study.

A point of a shape holds for the step of the shape that ends at its hour, counted on the clock from midnight of the first of
January; a shape of a day or a cycle begins anew at its end. Where clocks go forward or back a shape skips or repeats an hour.
Values are means over the steps of the study: the running integral of the shape at their edges, as for tables (`use_table`).
OpenDSS takes the point at the end of a step, which is the same where the steps are those of the shape.

An element follows its yearly shape, else its daily one; with cycles of seconds ("duty") that of the cycle, else the daily one.
One without a shape keeps its power, as in OpenDSS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.feeders.elements import Load, Pv, Shape
from tieline.feeders.shape_powers import Element, Powers, shaped_powers
from tieline.typing import FloatArray

ShapeKind = Literal["yearly", "daily", "duty"]

HOUR = pd.Timedelta(hours=1)

FALLBACK = {
    "yearly": ("yearly_shape", "daily_shape"),
    "daily": ("daily_shape",),
    "duty": ("duty_shape", "daily_shape"),
}
"""Fields of an element in the order in which they are looked at, by the kind of shape that is asked for."""


def shape_of(
    feeder: Feeder, element: Element, kind: ShapeKind = "yearly"
) -> Shape | None:
    """The shape that an element follows; None if it keeps its power."""
    name = next(
        (name for field in FALLBACK[kind] if (name := getattr(element, field))), None
    )
    return next((shape for shape in feeder.shapes if shape.name == name), None)


def has_load_shapes(feeder: Feeder) -> bool:
    """Whether any load follows a shape over the year or the day."""
    return any(load.yearly_shape or load.daily_shape for load in feeder.loads)


def has_sun_shapes(feeder: Feeder) -> bool:
    """Whether any PV system does."""
    return any(pv.yearly_shape or pv.daily_shape for pv in feeder.pvs)


@dataclass(eq=False)
class ShapeSeries:
    """Powers of elements over the steps that begin at `times`, evenly spaced; each shape is read off once."""

    feeder: Feeder
    times: pd.DatetimeIndex
    kind: ShapeKind = "yearly"

    def __post_init__(self) -> None:
        step = self.times[1] - self.times[0]
        self._begin_h = _clock_hours(self.times)
        self._step_h: float = step / HOUR
        self._means: dict[str, tuple[FloatArray, FloatArray | None]] = {}

    def powers(self, element: Element) -> Powers | None:
        """Consumption of a load or injection of a DER, (time,) [kW, kvar]; None where it follows no shape."""
        shape = shape_of(self.feeder, element, self.kind)
        if shape is None:
            return None
        return shaped_powers(element, shape, *self._points(shape))

    def _points(self, shape: Shape) -> tuple[FloatArray, FloatArray | None]:
        means = self._means.get(shape.name)
        if means is None:
            q = None
            if shape.q:
                q = step_means(shape, shape.q, self._begin_h, self._step_h)
            p = step_means(shape, shape.p, self._begin_h, self._step_h)
            means = p, q
            self._means[shape.name] = means
        return means

    def load_powers(self) -> Powers:
        """All loads, (time, load) [kW, kvar]."""
        return self._columns(self.feeder.loads)

    def load_pu(self) -> FloatArray:
        """Share of each load's nominal P, (time, load); 0 for one that has none."""
        nominal_kw = np.array([load.p_kw for load in self.feeder.loads])
        p_kw, _ = self.load_powers()
        shares = np.zeros_like(p_kw)
        return np.divide(p_kw, nominal_kw, out=shares, where=nominal_kw != 0)

    def sun_pu(self) -> FloatArray:
        """PV output per rating of the inverters, the mean of those PV systems that follow a shape, (time,)."""
        shaped = [pv for pv in self.feeder.pvs if pv.yearly_shape or pv.daily_shape]
        p_kw, _ = self._columns(shaped)
        rated_kva = sum(pv.inverter_kva for pv in shaped)
        return np.clip(p_kw.sum(axis=1) / rated_kva, 0.0, 1.0)

    def _columns(self, elements: Sequence[Load | Pv]) -> Powers:
        p_kw, q_kvar = np.empty((2, len(self.times), len(elements)))
        for column, element in enumerate(elements):
            powers = self.powers(element)
            if powers is None:
                powers = element.p_kw, element.q_kvar
            p_kw[:, column] = powers[0]
            q_kvar[:, column] = powers[1]
        return p_kw, q_kvar


def step_means(
    shape: Shape, values: tuple[float, ...], begin_h: FloatArray, step_h: float
) -> FloatArray:
    """Mean of a series of a shape over steps that begin at some hours, (step,)."""
    at_begin = _integral(shape, values, begin_h)
    at_end = _integral(shape, values, begin_h + step_h)
    return (at_end - at_begin) / step_h


def _integral(shape: Shape, values: tuple[float, ...], hours: FloatArray) -> FloatArray:
    """Integral of a series from the beginning of its shape up to each hour."""
    points = np.array(values)
    if shape.hour:
        return _straight_integral(np.array(shape.hour), points, hours)
    return _held_integral(points, shape.step_h, hours)


def _held_integral(points: FloatArray, step_h: float, hours: FloatArray) -> FloatArray:
    """Integral from hour 0 on of a series that is held over each of its steps and begins anew at its end."""
    running = _running(points * step_h)
    corners_h = np.arange(len(running)) * step_h
    cycles, within_h = np.divmod(hours, corners_h[-1])
    of_whole_cycles = cycles * running[-1]
    return of_whole_cycles + np.interp(within_h, corners_h, running)


def _running(values: FloatArray) -> FloatArray:
    """Sums of the first values, from none of them to all."""
    return np.concatenate([[0.0], np.cumsum(values)])


def _straight_integral(
    corners_h: FloatArray, points: FloatArray, hours: FloatArray
) -> FloatArray:
    """Integral of a series that goes straight from point to point and stays where it is before and behind them."""
    spans_h = np.diff(corners_h)
    of_spans = spans_h * (points[1:] + points[:-1]) / 2
    running = _running(of_spans)
    # the last corner that is not behind the hour; before the first one that one
    places = np.searchsorted(corners_h, hours, side="right") - 1
    last = np.clip(places, 0, len(points) - 1)
    since_corner_h = hours - corners_h[last]
    value = np.interp(hours, corners_h, points)
    return running[last] + since_corner_h * (points[last] + value) / 2


def _clock_hours(times: pd.DatetimeIndex) -> FloatArray:
    """Hours that the clock has gone since the year of the first step began, (time,) [h]."""
    on_clock = times.tz_localize(None)
    new_year = pd.Timestamp(year=times[0].year, month=1, day=1)
    return np.asarray((on_clock - new_year) / HOUR, dtype=float)
