"""`Scenarios`: what load, sun and price do over time, in many equally likely versions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.errors import ShapeError
from tieline.profiles.clock import instants
from tieline.typing import FloatArray


@dataclass(frozen=True)
class Scenarios:
    """Series shared by all studies; every array starts with the scenario axis, and values are means over the step.

    `times`: start of each step, evenly spaced and with a time zone, (time,).
    `load_pu`: share of each load's nominal power, P and Q alike, in the order of `feeder.loads`, (scenario, time, load).
    `sun_pu`: AC output of a PV system per unit of its inverter's rating, (scenario, time).
    `price_per_mwh`: price of energy [currency/MWh], (scenario, time).

    Raises `ShapeError` if the arrays do not fit each other or the times are not as above.
    """

    times: pd.DatetimeIndex
    load_pu: FloatArray
    sun_pu: FloatArray
    price_per_mwh: FloatArray

    def __post_init__(self) -> None:
        shape = self.sun_pu.shape
        fits = (
            len(shape) == 2
            and self.price_per_mwh.shape == shape
            and self.load_pu.shape[:-1] == shape
        )
        if not fits or shape[1] != len(self.times):
            raise ShapeError(
                f"load_pu {self.load_pu.shape}, sun_pu {shape} and price_per_mwh {self.price_per_mwh.shape} must be "
                f"(scenario, time, load), (scenario, time) and (scenario, time), with {len(self.times)} times."
            )
        if (
            self.times.tz is None
            or len(self.times) < 2
            or len(np.unique(np.diff(instants(self.times)))) != 1
        ):
            raise ShapeError(
                "times must have a time zone and at least two evenly spaced steps."
            )

    @property
    def n_scenarios(self) -> int:
        """How many versions there are."""
        return self.sun_pu.shape[0]

    @property
    def step_h(self) -> float:
        """Length of a step [h]."""
        return (self.times[1] - self.times[0]).total_seconds() / 3600
