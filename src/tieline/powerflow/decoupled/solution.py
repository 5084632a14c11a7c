"""`DecoupledSolution`: what the regions of a decoupled feeder came to, put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tieline.powerflow.decoupled.region_networks import Decoupled
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class DecoupledSolution:
    """Solved scenarios of a feeder cut into regions; scenarios without an answer hold NaN.

    Attributes:
        decoupled: the feeder and its regions.
        regions: the solution of each region, (region,).
        outcome: `Outcome` codes, (scenario,).
        rounds: rounds of exchange, (scenario,).
        flow_kva: what flows into the region behind each border, summed over its phases, (scenario, border) [kVA].
        change_pu, change_kva: largest change of a voltage and of a power at any border in the last round, (scenario,).
        reasons: why scenarios have no answer and what to do.
    """

    decoupled: Decoupled
    regions: tuple[Solution, ...]
    outcome: IntArray
    rounds: IntArray
    flow_kva: ComplexArray
    change_pu: FloatArray
    change_kva: FloatArray
    reasons: dict[int, str] = field(default_factory=dict)

    @property
    def converged(self) -> BoolArray:
        """True for scenarios with an answer, (scenario,)."""
        return self.outcome == Outcome.CONVERGED

    @cached_property
    def v_pu(self) -> ComplexArray:
        """Node voltages, (scenario, node of the whole feeder) [pu]; 0 where no closed path leads."""
        count = len(self.outcome)
        n_nodes = self.decoupled.network.n_nodes
        v_pu = np.zeros((count, n_nodes), dtype=complex)
        for region, solution in zip(self.decoupled.regions, self.regions, strict=True):
            # the far bus of an outlet is left to the region behind, whose bus it is
            v_pu[:, region.nodes] = solution.v_pu[:, region.own_nodes]
        v_pu[~self.converged] = np.nan
        return v_pu

    @property
    def vm_pu(self) -> FloatArray:
        """Voltage magnitudes, (scenario, node) [pu]."""
        return np.abs(self.v_pu)

    @cached_property
    def region_loss_kw(self) -> FloatArray:
        """Loss of each region's lines and transformers, (scenario, region) [kW]; a coupling line counts in the region that
        feeds it.
        """
        by_region = [solution.loss_kw for solution in self.regions]
        loss_kw = np.column_stack(by_region)
        loss_kw[~self.converged] = np.nan
        return loss_kw

    @property
    def loss_kw(self) -> FloatArray:
        """Loss of the whole feeder, (scenario,) [kW]."""
        return self.region_loss_kw.sum(axis=1)

    @property
    def source_kva(self) -> ComplexArray:
        """Power the feeder's source delivers, (scenario,) [kVA]."""
        power = self.regions[0].source_kva.copy()
        power[~self.converged] = np.nan
        return power
