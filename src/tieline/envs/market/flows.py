"""Power flows that games ask for, of one region or of several in one batch, with taps held.

Voltages without DERs would be a start, but reading them takes longer than the half iteration that they save.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.typing import FloatArray, IntArray


class Requests(NamedTuple):
    """What scenarios ask: loads (scenario, load), all DERs of the network (scenario, der), taps (scenario, regulator)."""

    load_kw: FloatArray
    load_kvar: FloatArray
    der_kw: FloatArray
    taps: IntArray


def solved(network: Network, requests: Requests) -> Solution:
    """The power flow of each scenario."""
    taps = requests.taps
    # Games of one moment share their taps: one matrix then serves all of them.
    if (taps == taps[:1]).all():
        taps = taps[0]
    return solve(
        network,
        load_kw=requests.load_kw,
        load_kvar=requests.load_kvar,
        der_kw=requests.der_kw,
        taps=taps,
        controls="off",
    )


def solved_together(
    network: Network, parts: Sequence[Requests]
) -> tuple[Solution, list[slice]]:
    """The power flows of several askers in one batch, and the scenarios of each; many small batches take longer than one."""
    fields = zip(*parts, strict=True)
    columns = [np.concatenate(blocks) for blocks in fields]
    requests = Requests(*columns)
    solution = solved(network, requests)
    shares = []
    first = 0
    for part in parts:
        end = first + len(part.der_kw)
        shares.append(slice(first, end))
        first = end
    return solution, shares
