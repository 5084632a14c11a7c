"""`Purchase`: the power bought at the source as a function of the decisions, and what it costs.

Before any AC solution is known what is consumed is bought, losses left out. Around one,

    s = s_0 + grad s (u - u_0) + sum of dV^H Y dV         Y: admittance of lines and transformers

The derivative is exact, and the last term is how losses grow with the square of currents: without it rounds would go from one
side of the optimum to the other. Left out of second order: that loads change with the voltage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.linear.expansion import series_loss
from tieline.opf.decisions import Decisions
from tieline.opf.problem import Problem
from tieline.opf.replay import Replay
from tieline.opf.source import bought_gradient
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Purchase:
    """Power bought in every step.

    Attributes:
        constant: at u = 0 by the derivative, (step,) [kW].
        slope: by the columns that move a step (`Decisions.network_columns`), (step, column) [kW per pu].
        growth: of second order by the unknowns of a step, (unknown, unknown) [kW]; None where losses are left out.
    """

    constant: FloatArray
    slope: FloatArray
    growth: sparse.csr_array | None = None

    def curvature(self, problem: Problem, n_moved: int) -> sparse.csr_array:
        """What `growth` costs in all steps, (step x unknown, step x unknown) [currency]."""
        if self.growth is None:
            return sparse.csr_array((n_moved, n_moved))
        price = sparse.diags_array(problem.steps.hours * problem.steps.price)
        return sparse.csr_array(sparse.kron(price, self.growth))


def without_losses(problem: Problem, decisions: Decisions) -> Purchase:
    """What is consumed is bought."""
    steps = problem.steps
    flexible = decisions.flexible
    is_flexible = problem.flexible.is_flexible
    fixed_kw = np.where(is_flexible, 0.0, steps.load_kw).sum(axis=1)
    by_p = np.full(decisions.p.shape, -S_BASE_KVA)
    by_q = np.zeros(decisions.q.shape)
    slope = np.hstack([by_p, by_q, steps.load_kw[:, flexible]])
    return Purchase(fixed_kw, slope)


def around(replay: Replay, decisions: Decisions, u: FloatArray) -> Purchase:
    """To second order around the AC solution at decisions u."""
    problem = replay.problem
    steps = problem.steps
    flexible = decisions.flexible
    gradient = bought_gradient(replay.solution, problem.setting.source_pu)
    by_kw = gradient.load_kw[:, flexible] * steps.load_kw[:, flexible]
    by_kvar = gradient.load_kvar[:, flexible] * steps.load_kvar[:, flexible]
    by_p = gradient.der_kw * S_BASE_KVA
    by_q = gradient.der_kvar * S_BASE_KVA
    slope = np.hstack([by_p, by_q, by_kw + by_kvar])
    by_decisions = (slope * u[decisions.network_columns]).sum(axis=1)
    # Lines, taps and transformers are held, so one matrix stands for all steps.
    loss = series_loss(problem.network, problem.setting.state)
    return Purchase(replay.source_kw - by_decisions, slope, loss.matrix)
