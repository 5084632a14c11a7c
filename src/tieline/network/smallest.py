"""The smallest impedance that a power flow in double precision can carry on a feeder.

The current through an impedance z is (V_1 - V_2) / z, and voltages of about one per unit have their last digit at eps: the current
is wrong by eps / z. Raising z to z_0 changes the voltage behind it by z_0 I instead. Both are the same part of their whole, of the
voltage and of the current I, at

    z_0 = sqrt(eps) / I

With the current of all loads and DERs of the feeder for I, a voltage is off by 1.5e-8 pu at most, at a busbar that carries all of
it. Less than one per unit of current (1 MVA) is not taken, so that a study may add DERs to a small feeder.
"""

from __future__ import annotations

import numpy as np

from tieline.network.devices import DeviceTable
from tieline.units import S_BASE_KVA


def smallest_impedance_pu(devices: DeviceTable) -> float:
    """Smallest impedance [pu of `S_BASE_KVA`] that is left as it is, by the loads and DERs of the feeder."""
    kva = np.hypot(devices.p_kw, devices.q_kvar).sum()
    return float(np.sqrt(np.finfo(float).eps) / max(kva / S_BASE_KVA, 1.0))
