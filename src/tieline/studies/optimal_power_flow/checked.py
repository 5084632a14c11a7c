"""`Checked`: an optimum on AC, beside the feeder as it stands and where its regulators would go next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.opf import Answer as Optimum
from tieline.opf import Replay
from tieline.powerflow import Solution, solve
from tieline.studies.optimal_power_flow.world.before import replay_before


@dataclass(frozen=True, eq=False)
class Checked:
    """An optimum, and what it is held against."""

    optimum: Optimum

    @cached_property
    def before(self) -> Replay:
        """The feeder as it stands: DERs as in its snapshot, all load served."""
        return replay_before(self.optimum.problem)

    @cached_property
    def settled(self) -> Solution:
        """The set-points when regulators and capacitors are let go."""
        optimum = self.optimum
        problem = optimum.problem
        capacitors = problem.network.feeder.capacitors
        steps = np.array([capacitor.steps for capacitor in capacitors], dtype=float)
        share_on = problem.setting.state[problem.network.states.capacitors]
        return solve(
            problem.network,
            load_kw=problem.steps.load_kw * optimum.served,
            load_kvar=problem.steps.load_kvar * optimum.served,
            der_kw=optimum.der_kw,
            der_kvar=optimum.der_kvar,
            taps=problem.taps,
            capacitor_steps=share_on * steps,
        )
