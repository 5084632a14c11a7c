"""`Slopes`: how losses and limits of a region answer to its DERs around nominal load: a picture for policies, never the judge.

    curvature_ij = (LF_i with DER j at its rating - LF_i without) / rating_j        [1/kW]
    use_slope_kj = (use of limit k with DER j at its rating - use without) / rating_j   [1/kW]

With them a policy sees what a leader's choice changes without another power flow:

    Loss(p) - Loss(0) ~ LF . p + p . curvature . p / 2
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.market.watch import WatchedLimits
from tieline.powerflow.derivatives.gradients import loss_factors
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Slopes:
    """Answers of a region to its DERs.

    Attributes:
        loss_factor: LF at nominal load, (der,) [kW/kW].
        curvature: change of LF of each DER per kW of each, symmetric, (der, der) [1/kW].
        use: change of the share of each limit per kW of each DER, (row, der) [1/kW].
    """

    loss_factor: FloatArray
    curvature: FloatArray
    use: FloatArray


def slopes_of(
    nominal: Solution, watch: WatchedLimits, ders: IntArray, rated_kw: FloatArray
) -> Slopes:
    """Slopes by one power flow for each DER at its rating.

    Args:
        nominal: the feeder at nominal load, one scenario, whose taps are held.
        watch: limits of the region.
        ders: its DERs, (der,).
        rated_kw: their ratings, (der,) [kW].
    """
    network = nominal.network
    # the whole rating: a slope over what DERs really give holds on average where a tangent holds at nothing
    step_kw = np.maximum(rated_kw, 1.0)
    n_rows = len(ders) + 1
    der_kw = np.tile(network.devices.der_kw, (n_rows, 1))
    der_kw[:, ders] = 0.0
    # row 0 is without any DER
    row = np.arange(1, n_rows)
    der_kw[row, ders] = step_kw
    solution = solve(network, der_kw=der_kw, taps=nominal.taps[0], controls="off")
    factor = loss_factors(solution, ders)
    use = watch.use(solution)
    factor_change = factor[1:] - factor[0]
    use_change = use[1:] - use[0]
    by_step = step_kw[:, None]
    use_slope = use_change / by_step
    curvature = factor_change / by_step
    # second derivatives do not depend on the order; slopes over whole ratings differ by rounding and by bend
    symmetric = (curvature + curvature.T) / 2.0
    return Slopes(loss_factor=factor[0], curvature=symmetric, use=use_slope.T)
