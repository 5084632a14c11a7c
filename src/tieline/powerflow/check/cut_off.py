"""Why a scenario has no answer where open lines cut a current source off: it drives on, and nothing takes its current.

At de-energised nodes the solver holds 0 V, which leaves the current of the source over: Kirchhoff's law is broken there.
"""

from __future__ import annotations

import numpy as np

from tieline.network.supply import dead_nodes
from tieline.powerflow.check.unearthed import UNANSWERED
from tieline.powerflow.solution import Solution


def name_cut_off(solution: Solution) -> None:
    """Give scenarios without an answer their reason if it is a current source at nodes without supply, in place."""
    network = solution.network
    driven = np.flatnonzero(network.driven_pu)
    if len(driven) == 0 or not solution.outcome.any():
        return
    for scenario in np.flatnonzero(np.isin(solution.outcome, UNANSWERED)).tolist():
        state = solution.state[min(scenario, len(solution.state) - 1)]
        cut_off = driven[dead_nodes(network, state)[driven]]
        if len(cut_off):
            bus = network.feeder.buses[network.node_bus[cut_off[0]]].name
            solution.reasons[scenario] = _reason(bus)


def _reason(bus: str) -> str:
    return (
        f"has no answer: a current source drives into bus '{bus}', which open lines cut off from every source of voltage and "
        "nothing earths, so that its current has nowhere to go. Close a line, earth the part by a shunt, or take the source out."
    )
