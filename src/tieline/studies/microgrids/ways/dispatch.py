"""`Dispatch`: what a way decided for all steps, and how it fares on AC: cost of each microgrid, limits broken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.envs.microgrids.bill import cost_of_step
from tieline.envs.microgrids.plant import Plant
from tieline.opf import Problem, Replay, replay
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Dispatch:
    """Set-points of a way.

    Attributes:
        plant, problem: what was asked.
        der_kw, der_kvar: injection of every DER, (step, der).
    """

    plant: Plant
    problem: Problem
    der_kw: FloatArray
    der_kvar: FloatArray

    @cached_property
    def replay(self) -> Replay:
        """All steps on AC, with what breaks a limit."""
        return replay(self.problem, self.der_kw, self.der_kvar)

    @cached_property
    def cost(self) -> FloatArray:
        """What each microgrid spends at its meter and on fuel, no-load fuel too, (step, microgrid) [currency]."""
        steps = self.problem.steps
        generator_kw = self.der_kw[:, self.plant.generator_ders]
        return cost_of_step(
            self.plant, steps.price, self.bought_kw, generator_kw, steps.hours
        )

    @cached_property
    def bought_kw(self) -> FloatArray:
        """Power through the meter of each microgrid, below 0 where it is sold, (step, microgrid) [kW]."""
        meters = self.problem.meters
        assert meters is not None  # of a problem of this study
        return meters.bought_kw(self.replay.solution)

    @property
    def total(self) -> float:
        """Cost of all steps and microgrids [currency]."""
        return float(self.cost.sum())

    @property
    def stored_gain(self) -> float:
        """Value of what is stored at the end beyond the start, by the plant's value of stored energy [currency].

        A way that ends with less has lived on its stock; comparisons of cost pay that back.
        """
        stored = self.replay.stored_kwh[-1] - self.problem.storage.stored_kwh
        return float(self.plant.stored_value * stored.sum())

    @property
    def beyond_p_max_kw(self) -> FloatArray:
        """How far each generator is beyond what it can give, 0 if it is not, (step, generator) [kW]."""
        power_kw = self.der_kw[:, self.plant.generator_ders]
        return np.maximum(power_kw - self.plant.generators.p_max_kw, 0.0)
