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
from tieline.opf.lp.voltages import Voltages
from tieline.opf.problem import Problem
from tieline.opf.replay import Replay
from tieline.opf.source import bought_slope, share_at_source
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Purchase:
    """Power bought in every step.

    Attributes:
        constant: at u = 0 by the derivative, (step,) [kW].
        slope: by the columns that move a step (`Decisions.network_columns`), (step, column) [kW per pu].
        growth: loss by the change of a step's unknowns, (unknown, unknown) [kW]; None where losses are left out.
    """

    constant: FloatArray
    slope: FloatArray
    growth: sparse.csr_array | None = None


def without_losses(problem: Problem, decisions: Decisions) -> Purchase:
    """What is consumed is bought."""
    steps = problem.steps
    flexible = decisions.flexible
    is_flexible = problem.flexible.is_flexible
    fixed_kw = np.where(is_flexible, 0.0, steps.load_kw).sum(axis=1)
    by_p = np.full(decisions.p.shape, -S_BASE_KVA)
    by_q = np.zeros(decisions.q.shape)
    by_change = np.full(decisions.change.shape, S_BASE_KVA)
    slope = np.hstack([by_p, by_q, steps.load_kw[:, flexible], by_change])
    return Purchase(fixed_kw, slope)


def around(replay: Replay, voltages: Voltages, u: FloatArray) -> Purchase:
    """To second order around the AC solution at decisions u, which `voltages` are linear around."""
    problem = replay.problem
    decisions = voltages.decisions
    bar = bought_slope(replay.solution, problem.setting.source_pu)
    by_unknowns = np.hstack([bar.real, bar.imag])
    slope = _taken_at_source(problem, decisions)
    for step, columns in enumerate(decisions.network_columns):
        by_decisions = voltages.pulled_back(step, by_unknowns[step])
        slope[step] += by_decisions[columns]
    through_slope = (slope * u[decisions.network_columns]).sum(axis=1)
    # Lines, taps and transformers are held, so one matrix stands for all steps.
    loss = series_loss(problem.network, problem.setting.state)
    return Purchase(replay.source_kw - through_slope, slope, loss.matrix)


def _taken_at_source(problem: Problem, decisions: Decisions) -> FloatArray:
    """What decisions take at an ideal source's own bus, where it moves no voltage, (step, column) [kW per pu]."""
    direct = share_at_source(problem.network)
    if not direct.any():
        return np.zeros(decisions.network_columns.shape)
    p_map, _, _, _ = decisions.device_maps(problem)
    by_device = np.tile(direct, problem.n_steps) * S_BASE_KVA
    by_decisions = np.asarray(p_map.T @ by_device)
    return by_decisions[decisions.network_columns]
