"""What AC still asks for after a loan is kept: the charge that would bring the voltages down that are above the limit.

Reverse power at the critical buses is only a stand-in for their voltages. Lenders far away lower these less than the batteries of
the region would, and a bus without load of its own has no reverse power however high its voltage is. So the plan is replayed, and
in each step with a voltage above the limit lenders owe more than they gave, by

    (voltage - limit) / (fall of the voltage per kW that the lenders charge together)

at the highest voltage that they can lower, with the derivative of the AC power flow, but never more than the whole feeder has too
much. What that misses, because it is of first order, because other voltages are too high as well or because batteries use their
freedom otherwise, the next replay shows.

tieline's own; the thesis stops at the loan for the reverse power.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tieline.opf.battery_mpc import Schedule
from tieline.powerflow import Solution
from tieline.studies.battery.ways.influence import fall_together
from tieline.studies.battery.ways.loan_decision import Coordination, lend
from tieline.studies.battery.world.days import Day
from tieline.studies.battery.world.plant import Plant
from tieline.typing import FloatArray, IntArray

NOTICED_KW = 1e-3
"""Change of a battery's loan that counts as one [kW]."""


def raised(
    plant: Plant, day: Day, plan: Coordination, schedule: Schedule, late: IntArray, limit_pu: float
) -> Coordination | None:
    """The plan with a larger need; None if no voltage is too high, or nobody can lend more against it.

    Args:
        plant: what every case shares.
        day: load, sun and price.
        plan: what was kept.
        schedule: what the batteries did.
        late: steps with a voltage above the limit, (some step,).
        limit_pu: the limit [pu].
    """
    share = _shares(plant, plan)
    if not len(late) or not share.any():
        return None
    solution = plant.replay(day.only(late), schedule.injection_kw[late])
    owed_kw = plan.loan.lent_kw[late].sum(axis=1) + _more_kw(plant, solution, share, limit_pu)
    surplus_kw = np.maximum(plant.surplus_kw(day)[late], 0.0).sum(axis=1)
    least_kw = plan.need.least_kw.copy()
    least_kw[late] = np.minimum(owed_kw, surplus_kw)
    larger = lend(plant, plan.regions, replace(plan.need, least_kw=least_kw), plan.offers)
    return None if np.allclose(larger.lent_kw, plan.lent_kw, rtol=0, atol=NOTICED_KW) else larger


def _more_kw(plant: Plant, solution: Solution, share: FloatArray, limit_pu: float) -> FloatArray:
    """Charge that brings the highest voltage to the limit that can be lowered, (step,) [kW]."""
    fall = fall_together(plant, solution, share)
    over = np.where(fall > 0, plant.points.magnitude_pu(solution.v_pu) - limit_pu, 0.0)
    highest = np.arange(len(over)), over.argmax(axis=1)
    return np.divide(over[highest], fall[highest], out=np.zeros(len(over)), where=over[highest] > 0)


def _shares(plant: Plant, plan: Coordination) -> FloatArray:
    """Part of one kW more that each battery charges, (battery,): as lent so far, else by who is asked first; 0 if nobody is."""
    lent = plan.lent_kw.sum(axis=0)
    if not lent.any() and plan.offers:
        lent = plant.battery_share * (
            plant.battery_bus == plant.positions((plan.offers[0].bus,))[0]
        )
    return lent / lent.sum() if lent.any() else lent
