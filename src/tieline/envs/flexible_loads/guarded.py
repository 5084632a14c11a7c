"""What the safety step needs of flexible loads: voltages of the step at hand, and no more taken off a load than it has.

Steps to come need no look: what was put off and comes back in them is at most the cap of each device, and where all of it is back
at once, all devices giving way still hold the lowest limit in every half hour of every split of `dso33` (at 0.941 pu; a test goes
through them). On other days, or with larger caps, a debt may be too large: the safety step then breaks limits as little as it
can.
"""

from __future__ import annotations

import numpy as np

from tieline.devices.rebound_load import ReboundLoads, Reduction
from tieline.envs.flexible_loads.entries import as_action
from tieline.envs.flexible_loads.model import FeederModel
from tieline.envs.safeguarded import Limited, soft_voltages
from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import chosen_tangents
from tieline.typing import FloatArray, IntArray

ROUNDING = 1e-9
"""Of shares of the caps that together are all that a load has."""


def limited_voltages_of_loads(
    solution: Solution,
    model: FeederModel,
    devices: ReboundLoads,
    band_pu: tuple[float, float],
) -> Limited:
    """Voltages inside a band, by the entries of an action.

    Args:
        solution: of the replay.
        model: the feeder.
        devices: its flexible loads.
        band_pu: lowest and highest allowed voltage.
    """
    points = model.points
    caps_kw = caps_of_entries(devices)

    def slopes(episodes: IntArray) -> FloatArray:
        dv_pu = chosen_tangents(solution, "load_kw", episodes, model.device_load)
        v_pu = solution.v_pu[episodes]
        per_kw = points.magnitude_slopes(v_pu, dv_pu)
        # a kW off the load is the same to the network, curtailed or shifted
        return np.repeat(per_kw, 2, axis=2) * -caps_kw

    return soft_voltages(solution, points, band_pu, slopes)


def limited_takings(
    devices: ReboundLoads,
    reduction: Reduction,
    load_kw: FloatArray,
    returned_kw: FloatArray,
) -> Limited:
    """What is taken off each load beyond what it has, over its caps: a limit of devices.

    Args:
        devices: the flexible loads.
        reduction: what is taken off.
        load_kw, returned_kw: load of each and what comes back, (episode, device).
    """
    cap_kw = devices.curtail_max_kw + devices.shift_max_kw
    has_kw = np.maximum(load_kw, 0.0) + returned_kw
    taken_kw = reduction.curtailed_kw + reduction.shifted_kw
    count = len(devices.names)
    of_device = np.repeat(np.eye(count), 2, axis=1)
    per_entry = of_device * caps_of_entries(devices) / cap_kw[:, None]

    def slopes(episodes: IntArray) -> FloatArray:
        return np.tile(per_entry, (len(episodes), 1, 1))

    return Limited(
        names=tuple(f"taken off at {name}" for name in devices.names),
        value=(taken_kw - has_kw) / cap_kw,
        low=np.full(count, -np.inf),
        high=np.full(count, ROUNDING),
        is_hard=np.ones(count, dtype=bool),
        is_convex=np.zeros(count, dtype=bool),
        slopes=slopes,
    )


def caps_of_entries(devices: ReboundLoads) -> FloatArray:
    """What a whole share of each entry of an action is, (action,) [kW]."""
    return as_action(devices.curtail_max_kw[None], devices.shift_max_kw[None])[0]
