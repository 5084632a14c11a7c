"""Limits for lines without a rating: a multiple of what they carry at nominal load, either way, and a least limit.

Benchmark feeders come without ratings. A line that may carry 1.5 times its nominal flow, and at least 100 kW, leaves room for
DERs and still binds where several of them stand on one lateral.
"""

from __future__ import annotations

import numpy as np

from tieline.opf.branch_limits import BranchLimit
from tieline.powerflow.solution import Solution

NOMINAL_MULTIPLE = 1.5
LEAST_LIMIT_KW = 100.0


def base_flow_limits(
    solution: Solution,
    multiple: float = NOMINAL_MULTIPLE,
    least_kw: float = LEAST_LIMIT_KW,
) -> tuple[BranchLimit, ...]:
    """A limit in kW, the same both ways, for each line.

    Args:
        solution: the feeder at nominal load; its first scenario counts.
        multiple: of the flow in it.
        least_kw: limit of lines that carry little [kW].
    """
    network = solution.network
    terminals = network.terminals
    is_first_end = terminals.side == 1
    flow_kw = np.zeros(len(network.elements))
    elements = terminals.element[is_first_end]
    np.add.at(
        flow_kw,
        elements,
        solution.terminal_kva[0, is_first_end].real,
    )
    limits = []
    for line in network.feeder.lines:
        element = network.element_index["line", line.name]
        limit_kw = max(multiple * abs(float(flow_kw[element])), least_kw)
        limits.append(
            BranchLimit("line", line.name, forward_kw=limit_kw, reverse_kw=limit_kw)
        )
    return tuple(limits)
