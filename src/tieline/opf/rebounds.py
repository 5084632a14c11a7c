"""`Rebounds`: the loads of a problem that may be curtailed, or shifted with a rebound.

What a shift costs in all is its own cost and that of the energy it leaves to return after the last step:

    cost_t = shift_cost_t + sum over lags k with t + k after the last step of kernel_k after_cost_(t + k)

What was under way before the first step is no decision of these steps, so what of it returns after the last costs nothing here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from tieline.devices import ReboundLoads, Reduction
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Rebounds:
    """Where the devices stand, what they may do in each step, and what that costs.

    Attributes:
        devices: kernels, and how far a load may be taken down.
        load: the load of each, (device,).
        curtail_max_kw, shift_max_kw: caps, (step, device) [kW]; a shift that has to close and no longer can has a cap of 0.
        curtail_cost, shift_cost: of what is taken off, (step, device) [currency/kWh].
        owed_kw: what returns in each step from the first on, whatever is decided, (device, lag) [kW].
        after_cost: of energy that returns 1, 2, ... steps after the last, (device, lag) [currency/kWh].
    """

    devices: ReboundLoads
    load: IntArray
    curtail_max_kw: FloatArray
    shift_max_kw: FloatArray
    curtail_cost: FloatArray
    shift_cost: FloatArray
    owed_kw: FloatArray
    after_cost: FloatArray

    def cut(self, steps: slice) -> Rebounds:
        """Some of the steps; what is owed before and after them is the caller's to set."""
        return dataclasses.replace(
            self,
            curtail_max_kw=self.curtail_max_kw[steps],
            shift_max_kw=self.shift_max_kw[steps],
            curtail_cost=self.curtail_cost[steps],
            shift_cost=self.shift_cost[steps],
        )

    def at(self, step: int) -> ReboundLoads:
        """The devices with their caps of one step."""
        return dataclasses.replace(
            self.devices,
            curtail_max_kw=self.curtail_max_kw[step],
            shift_max_kw=self.shift_max_kw[step],
        )

    @property
    def n_devices(self) -> int:
        """Number of devices."""
        return len(self.load)

    @property
    def idle(self) -> Reduction:
        """Nothing curtailed and nothing shifted in any step."""
        shape = self.curtail_max_kw.shape
        return Reduction(np.zeros(shape), np.zeros(shape))

    @property
    def owed_in_steps_kw(self) -> FloatArray:
        """What returns in each step of what was under way before the first, (step, device) [kW]."""
        returned, _ = self.returned(self.idle)
        return returned

    @property
    def shift_cost_in_all(self) -> FloatArray:
        """Cost of a shift and of what it leaves to return after the last step, (step, device) [currency/kWh]."""
        cost = self.shift_cost.copy()
        n_steps = len(cost)
        kernel = self.devices.kernel
        for step in range(n_steps):
            steps_after = n_steps - 1 - step
            # of the lags that reach past the last step the first falls into the first step after it
            past = kernel[:, steps_after:]
            after_cost = self.after_cost[:, : past.shape[1]]
            cost[step] += (past * after_cost).sum(axis=1)
        return cost

    def returned(self, reduction: Reduction) -> tuple[FloatArray, FloatArray]:
        """What comes back in each step, (step, device), and what is owed after the last, (device, lag), both [kW]."""
        return self.devices.returned_in_steps(self.owed_kw, reduction.shifted_kw)

    def cost(self, reduction: Reduction) -> FloatArray:
        """What devices ask for what they give in each step, (step,) [currency/h]."""
        curtail = self.curtail_cost * reduction.curtailed_kw
        shift = self.shift_cost * reduction.shifted_kw
        return np.asarray((curtail + shift).sum(axis=1))

    def cost_after(self, reduction: Reduction) -> float:
        """What returns after the last step of what these steps shift costs, per hour of a step [currency/h]."""
        past = (self.shift_cost_in_all - self.shift_cost) * reduction.shifted_kw
        return float(past.sum())

    def loads(
        self, load_kw: FloatArray, load_kvar: FloatArray, reduction: Reduction
    ) -> tuple[FloatArray, FloatArray]:
        """Demand of all loads once these devices gave way and their energy came back.

        Args:
            load_kw, load_kvar: demand without them, (step, load).
            reduction: what they take off.

        Returns:
            Demand with them, (step, load) each [kW, kvar].
        """
        returned, _ = self.returned(reduction)
        p = load_kw.copy()
        q = load_kvar.copy()
        p[:, self.load], q[:, self.load] = self.devices.consumption(
            load_kw[:, self.load], load_kvar[:, self.load], reduction, returned
        )
        return p, q
