"""`Terms`: what load is worth against generation and shedding, and how long a step is.

    maximise  sum_t h [ sum_i w_i served_i,t P_i - c sum_g p_g,t - k sum_i w_i shed_i,t P_i ],
              shed_i,t = max(0, served_i,t-1 - eps - served_i,t)

with P the load at full supply [kW], p of all units that burn fuel, droop units among them.

Source: S. Bose, Y. Zhang, "Load restoration in islanded microgrids: formulation and solution strategies", arXiv 2111.02054, eq.
1, with a load that may fall by eps and no more. Here load that is given up beyond eps costs k times what serving it is worth:
where sun and wind fall short of their forecast, a plan that may shed nothing does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Terms:
    """Numbers of the objective, and the voltages to keep.

    Attributes:
        hours: length of a step, h [h].
        generation_cost: c, of what units with fuel deliver [worth of a kWh of load of weight 1].
        shed_factor: k; infinite forbids to shed, which a window may not be able to keep.
        shed_free_share: eps, share of a load that may go from step to step for nothing.
        v_low_pu, v_high_pu: voltages to keep at every bus [pu].
        line_pct, transformer_pct: what branches may carry [% of their rating]; None sets no limit.
        charges_all: whether what batteries, sun and wind inject costs c too. Then no source is preferred, and a short window
            uses up fuel that it could have saved; the paper charges fuel alone, "in favor of utilizing ESSs or RESs".
    """

    hours: float
    generation_cost: float
    shed_factor: float
    shed_free_share: float
    v_low_pu: float
    v_high_pu: float
    line_pct: float | None = 100.0
    transformer_pct: float | None = 100.0
    charges_all: bool = False
