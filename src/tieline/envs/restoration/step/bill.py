"""What a step is worth: served energy by weight, less fuel, less twice what was taken from loads again.

    objective = sum h [ sum_i w_i rho_i P_i - c sum_g p_g - 2 sum_i w_i shed_i P_i ]
    shed_i    = max(0, rho_i before - eps - rho_i)

over steps of h hours, with p of all units that burn fuel, droop units too. A load that a unit's range or a dead island takes
away counts like one that a decision takes away.

Source: S. Bose, Y. Zhang, arXiv 2111.02054, eq. 1 and its constraint of almost monotonic restoration; the term of `shed` makes a
price of that constraint, since a hard one leaves no answer where the sun falls short.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.state import IslandState
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Bill:
    """Parts of the objective, of a step (draw,), or of many (step, draw).

    Attributes:
        restored_kwh, restored_worth: served energy, and the same by weight.
        generated_kwh: of droop units and microturbines.
        shed_kwh, shed_worth: what went off beyond the free share, and the same by weight.
        dropped_kwh: what went off, the free share included.
        objective: worth of it all.
    """

    restored_kwh: FloatArray
    restored_worth: FloatArray
    generated_kwh: FloatArray
    shed_kwh: FloatArray
    shed_worth: FloatArray
    dropped_kwh: FloatArray
    objective: FloatArray

    @classmethod
    def of_step(
        cls,
        plant: IslandPlant,
        config: RestorationWorldConfig,
        before: IslandState,
        after: IslandState,
    ) -> Bill:
        """The bill of a step between two states."""
        hours = config.step_h
        load_kwh = hours * plant.load_kw
        load_worth = load_kwh * plant.load_weight
        fall = before.served - after.served
        dropped = np.maximum(fall, 0.0)
        shed = np.maximum(fall - config.shed_free_share, 0.0)
        generated_kw = after.last_kw.sum(axis=1) + after.unit_last_kw.sum(axis=1)
        generated_kwh = hours * generated_kw
        restored_worth = after.served @ load_worth
        shed_worth = shed @ load_worth
        cost = config.generation_cost * generated_kwh
        return cls(
            restored_kwh=after.served @ load_kwh,
            restored_worth=restored_worth,
            generated_kwh=generated_kwh,
            shed_kwh=shed @ load_kwh,
            shed_worth=shed_worth,
            dropped_kwh=dropped @ load_kwh,
            objective=restored_worth - cost - config.shed_factor * shed_worth,
        )
