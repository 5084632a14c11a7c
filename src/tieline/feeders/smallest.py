"""The smallest impedance that a power flow in double precision can carry on a feeder.

The current through an impedance z is (V_1 - V_2) / z, and voltages of about one per unit have their last digit at eps: the
current is wrong by eps / z. Raising z to z_0 changes the voltage behind it by z_0 I instead. Both are the same part of their
whole, of the current I and of the voltage, at

    z_0 = sqrt(eps) / I

With the current that all loads and DERs of the feeder can take together for I, a voltage is off by 1.5e-8 pu at most, behind a
busbar that carries all of it. I is at least one per unit (1 MVA), so that a study may add DERs to a small feeder.
"""

from __future__ import annotations

import math

from tieline.feeders.feeder import Feeder
from tieline.units import S_BASE_KVA


def smallest_impedance_pu(feeder: Feeder) -> float:
    """Smallest impedance [pu of `S_BASE_KVA`] that a network leaves as it is; smaller ones are raised to it."""
    load_kva = sum(math.hypot(load.p_kw, load.q_kvar) for load in feeder.loads)
    inverter_kva = sum(unit.inverter_kva for unit in (*feeder.pvs, *feeder.storages))
    generator_kva = sum(unit.rated_kva for unit in feeder.generators)
    power_pu = (load_kva + inverter_kva + generator_kva) / S_BASE_KVA
    precision = math.sqrt(math.ulp(1.0))
    return precision / max(power_pu, 1.0)
