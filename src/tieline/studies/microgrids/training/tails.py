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
        values = []
        places = []
        for group in range(len(self.names)):
            members = np.flatnonzero(self.group == group)
            of_group = excess[:, members]
            values.append(of_group.max(axis=1))
            worst = of_group.argmax(axis=1)
            places.append(members[worst])
        return np.column_stack(values), np.column_stack(places)


def groups_of(plant: Plant, grid: GridConstraints) -> Groups:
    """Groups of a plant's grid."""
    zones = ["the feeder", *(microgrid.name for microgrid in plant.microgrids)]
    n_zones = len(zones)
    of_points = _zone_of_bus(plant)[grid.points.bus]
    elements, of_flows = np.unique(grid.flows.element, return_inverse=True)
    # high voltages of every zone, then low ones, then branches
    low = n_zones + of_points
    flows = 2 * n_zones + of_flows
    group = np.concatenate([of_points, low, flows])
    names = [f"voltage of {zone} high" for zone in zones]
    names += [f"voltage of {zone} low" for zone in zones]
    for element in elements:
        kind, name = plant.network.elements[element]
        names.append(f"{kind} {name}")
    # a feeder whose buses all lie in microgrids has none beside them
    with_members, places = np.unique(group, return_inverse=True)
    return Groups(tuple(names[k] for k in with_members), places)


def _zone_of_bus(plant: Plant) -> IntArray:
    """0 for a bus of the feeder, k for one of the k-th microgrid, (bus,)."""
    buses = plant.network.feeder.buses
    zone = np.zeros(len(buses), dtype=np.int64)
    for k, microgrid in enumerate(plant.microgrids, start=1):
        is_inside = [bus.name in microgrid.buses for bus in buses]
        zone[is_inside] = k
    return zone


def tail_counts(values: FloatArray, share: float, aim: FloatArray | float) -> IntArray:
    """How many rows the tail of each column has: those beyond the aim, at least the share and at most half, (column,)."""
    n_rows = len(values)
    of_share = round(share * n_rows)
    least = max(of_share, 1)
    half = max(n_rows // 2, least)
    is_beyond = values > aim
    n_beyond = is_beyond.sum(axis=0)
    return np.clip(n_beyond, least, half)


def tail_weights(values: FloatArray, counts: IntArray) -> FloatArray:
    """What each row counts in the mean of the tail of its column, (row, column)."""
    highest_first = np.argsort(-values, axis=0)
    # the place of each row in that order
    rank = np.argsort(highest_first, axis=0)
    is_in_tail = rank < counts
    return is_in_tail / counts
