"""Every battery charging at its rated power in every step, whatever it holds: what no use of the batteries can go beyond.

On a radial single-phase equivalent charge lowers every voltage, so a bus above the limit even then stays above it with any
control and any forecast: batteries of this power are too small, or the limit is too low. The least that is left may be more,
because batteries fill up. On a feeder with phases charge on one phase may raise another, and nothing is proven.
"""

from __future__ import annotations

import numpy as np

from tieline.powerflow import Solution
from tieline.studies.battery.world.question import Question


def at_full_charge(question: Question) -> Solution:
    """AC power flow of every step with every battery charging at rated power; scenario = step."""
    rated_kw = question.plant.batteries.charge_max_kw
    return question.replay(np.tile(-rated_kw, (question.day.n_steps, 1)))


def count_unavoidable(question: Question) -> int | None:
    """Bus-steps above the limit that no use of the batteries mends, of the steps that were solved; None if nothing is proven."""
    if not question.plant.is_radial_equivalent:
        return None
    return int(question.too_high(at_full_charge(question)).sum())
