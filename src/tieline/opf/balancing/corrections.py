"""`Corrections`: what AC went past its limits after a linear program, taken off them before the next (second-order correction).

Two set-points of nearly the same cost may take turns: a linearisation at the one misjudges a limit at the other by its second
order, some 0.01 kW of 700, and the other way round, for ever. The miss of a step is that second order itself, so that with it

    value_k + slope (P - P_k) <= limit - correction,        correction_k+1 = max(0, value on AC - (limit - correction_k))

the next step of the same length ends within the limit. Where steps get shorter, corrections vanish with them.

Source: R. Fletcher, "Second order corrections for non-differentiable optimization", Numerical Analysis, Springer, 1982.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tieline.opf.problem import NetworkLimits
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Corrections:
    """What is taken off lowest and highest voltages, (point,) each [pu], and flows, (row,) [A, kVA or kW]."""

    low_pu: FloatArray
    high_pu: FloatArray
    flow: FloatArray

    @classmethod
    def none(cls, limits: NetworkLimits) -> Corrections:
        """Nothing yet."""
        at_points = np.zeros(len(limits.points.names))
        return cls(at_points, at_points, np.zeros(len(limits.flows)))

    def after(
        self, limits: NetworkLimits, vm_pu: FloatArray, flow: FloatArray
    ) -> Corrections:
        """The next ones, from voltages and flows on AC at the set-points of a program that had these."""
        lowest_pu = limits.v_min_pu + self.low_pu
        highest_pu = limits.v_max_pu - self.high_pu
        most = limits.flows.limit - self.flow
        return Corrections(
            low_pu=np.maximum(lowest_pu - vm_pu, 0.0),
            high_pu=np.maximum(vm_pu - highest_pu, 0.0),
            flow=np.maximum(flow - most, 0.0),
        )

    def off(self, limits: NetworkLimits) -> NetworkLimits:
        """The limits less these."""
        most = limits.flows.limit - self.flow
        return replace(
            limits,
            v_min_pu=limits.v_min_pu + self.low_pu,
            v_max_pu=limits.v_max_pu - self.high_pu,
            flows=replace(limits.flows, limit=most),
        )
