"""What OpenDSS finds where it opens a line, from what tieline finds.

Two things that the engine does, and tieline does not, matter to a phase that nothing holds but the charging of an open switch, of
which a metre has 4e-10 S:

- a leak: the engine ties each conductor of a line that is open somewhere to ground by 1e-12 S, so that its matrix can be
  inverted; that turns the voltage by 0.15 degrees;
- rounding: it takes the charging from a difference of series admittances, 700 S for a switch, whose last digit is 1e-13 S.

In tieline the voltage is that of the capacitances alone. With the currents of devices as they are, nodes that have a voltage
move from V to V' by

    (Y + G) V' = Y V        (G: the leaks at each node)

and the rounding moves them in the same way, by an unknown part of what a leak of that size would. Left out: leaks of other
opened elements than lines.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.feeders import Feeder
from tieline.network import Network
from tieline.network.admittance import line_admittances_s
from tieline.network.assembly import base_ohm_at
from tieline.powerflow import Solution
from tieline.typing import ComplexArray, FloatArray

LEAK_S = 1e-12
"""Measured: what is in `YPrim` of an open line, beside its charging."""


def with_leaks(network: Network, solution: Solution) -> tuple[ComplexArray, FloatArray]:
    """Voltages of the first scenario as they are with the leaks of open lines, and what the rounding may add, (node,) [pu]."""
    v_pu = solution.v_pu[0].copy()
    uncertain_pu = np.zeros(len(v_pu))
    live = np.flatnonzero(v_pu)
    leak, rounding = _leak_and_rounding_pu(network)[:, live]
    if leak.any():
        admittance = network.nodal_admittance(solution.state[0])[live][:, live]
        factors = splu(sparse.csc_array(admittance + sparse.diags_array(leak)))
        uncertain_pu[live] = abs(factors.solve(rounding * v_pu[live]))
        # the change, not the voltage itself: it keeps all digits where there is none
        v_pu[live] -= factors.solve(leak * v_pu[live])
    return v_pu, uncertain_pu


def _leak_and_rounding_pu(network: Network) -> FloatArray:
    """Sums over the conductors of open lines that end at a node, (2, node) [pu]."""
    sums_s = np.zeros((2, network.n_nodes))
    for name, rounding_s in _open_conductors(network.feeder):
        if name in network.node_index:
            sums_s[:, network.node_index[name]] += LEAK_S, rounding_s
    return sums_s * base_ohm_at(network.node_kv)


def _open_conductors(feeder: Feeder) -> Iterator[tuple[str, float]]:
    """Node and last digit of the series admittance [S] of each end of a conductor of an open line."""
    for line in feeder.lines:
        if not line.closed:
            series_s, _ = line_admittances_s(line, feeder.frequency_hz)
            last_digit_s = np.spacing(abs(series_s).max())
            for node in line.from_nodes:
                yield f"{line.from_bus}.{node}", last_digit_s
            for node in line.to_nodes:
                yield f"{line.to_bus}.{node}", last_digit_s
