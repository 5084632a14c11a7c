"""Loss factors: how much more the feeder loses for one kW more that a DER injects.

    LF_n = dLoss / dP_n                                                     by the AC adjoint, the form used here
    LF_n = - sum over the lines l between the source and n of  2 r_l P_l    the published form: no Q, V = 1 pu

Negative where a DER relieves the feeder. The published form needs a radial feeder and counts positive-sequence resistances.

Source of the second: eqs. 8 and 9 of the article on dynamic microgrids, whose print lacks the sum over lines and 1/V^2.
"""

from __future__ import annotations

import numpy as np

from tieline.network.scatter import sum_columns
from tieline.network.topology import Branch, tree_from_source
from tieline.powerflow.derivatives.gradients import loss_gradient
from tieline.powerflow.solution import Solution
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


def loss_factors(solution: Solution) -> FloatArray:
    """dLoss/dP of each DER of the network at solved scenarios, (scenario, der) [kW/kW]."""
    return loss_gradient(solution).der_kw
