"""Constraints of a batch of windows: what the worst few of all steps are beyond a limit, in the mean.

    J_m = mean over the share e of all windows x steps with the highest excess of group m

which is the conditional value at risk of the excess. A mean over all windows would let a quiet afternoon pay for a night that
breaks its limits. Its derivative is the mean of the derivatives over the tail.

A group is a device, a branch, or the voltages of a microgrid or of the feeder beside them, high and low apart: of the places of a
group the worst counts in each step.

While more than the share e is broken, the tail is as long as what is broken: of the twenty worst steps of a thousand
others would take the place after every update.

Source: R. T. Rockafellar, S. Uryasev, "Optimization of conditional value-at-risk", Journal of Risk 2(3), 2000; as a
constraint of a policy: Y. Chow, M. Ghavamzadeh, L. Janson, M. Pavone, JMLR 18, 2018.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.grid_constraints import GridConstraints
from tieline.envs.microgrids.plant import Plant
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of the constraints of the grid: `names` (group,), `group` of each constraint (constraint,)."""

    names: tuple[str, ...]
    group: IntArray

    def worst(self, excess: FloatArray) -> tuple[FloatArray, IntArray]:
        """Highest excess of each group, (scenario, group), and the constraint that has it."""
        n_groups = len(self.names)
        values = np.empty((len(excess), n_groups))
        places = np.empty((len(excess), n_groups), dtype=np.int64)
        for group in range(n_groups):
            members = np.flatnonzero(self.group == group)
            of_group = excess[:, members]
            place = of_group.argmax(axis=1)
            places[:, group] = members[place]
            values[:, group] = of_group.max(axis=1)
        return values, places


def groups_of(plant: Plant, grid: GridConstraints) -> Groups:
    """Groups of a plant's grid."""
    zone = np.zeros(len(plant.network.feeder.buses), dtype=np.int64)
    names = ["the feeder"]
    for k, microgrid in enumerate(plant.microgrids, start=1):
        names.append(microgrid.name)
        inside = [bus.name in microgrid.buses for bus in plant.network.feeder.buses]
        zone[inside] = k
    of_points = zone[grid.points.bus]
    n_zones = len(names)
    elements, of_flows = np.unique(grid.flows.element, return_inverse=True)
    group = np.concatenate([of_points, n_zones + of_points, 2 * n_zones + of_flows])
    high = [f"voltage of {name} high" for name in names]
    low = [f"voltage of {name} low" for name in names]
    flows = [" ".join(plant.network.elements[k]) for k in elements]
    return Groups((*high, *low, *flows), group)


def tail_counts(values: FloatArray, share: float, aim: FloatArray | float) -> IntArray:
    """How many rows the tail of each column has: those beyond the aim, at least the share and at most half, (column,)."""
    least = max(round(share * len(values)), 1)
    most = max(len(values) // 2, least)
    beyond = (values > aim).sum(axis=0)
    return np.clip(beyond, least, most)


def tail_weights(values: FloatArray, counts: IntArray) -> FloatArray:
    """What each row counts in the mean of the tail of its column, (row, column)."""
    order = np.argsort(-values, axis=0)
    rank = np.empty_like(order)
    places = np.arange(len(values))[:, None]
    np.put_along_axis(rank, order, np.broadcast_to(places, order.shape), axis=0)
    return (rank < counts) / counts
