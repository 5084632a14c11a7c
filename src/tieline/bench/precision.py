"""Where single precision would do: the voltages rounded to it, and an iteration that runs in it.

The iteration is the fixed point Y v = i_source - i_devices(v) of a feeder's snapshot, with factors, voltages and currents in
complex64; device currents are worked out in double precision and rounded, so that what is seen is the least that single
precision does. Elimination is without pivoting, as in the power flow. It starts from the double-precision answer and can only get
worse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.network import Network
from tieline.network.supply import dead_nodes
from tieline.powerflow import solve
from tieline.powerflow.batch import make_batch
from tieline.powerflow.devices import branch_power_kva, node_current_pu
from tieline.typing import ComplexArray

ITERATIONS = 20
"""From the answer on; the error then wanders about a level that half as many show."""

LIMIT_CHECK_PU = 1e-6
"""Error that no check of a voltage limit notices: limits are given to two or three places."""


@dataclass(frozen=True)
class SinglePrecision:
    """Largest error of a voltage [pu]: of `stored` voltages rounded to single precision, and of those `iterated` in it."""

    stored_pu: float
    iterated_pu: float


def measure_single_precision(network: Network) -> SinglePrecision:
    """Errors of the snapshot of a feeder at its own taps and steps."""
    answer = solve(network, load_scale=[[1.0]], controls="off", tolerance=1e-12).v_pu[0]
    stored = np.abs(answer.astype(np.complex64) - answer).max()
    iterated = np.median(errors_from_answer(network, answer, np.complex64)[ITERATIONS // 2 :])
    return SinglePrecision(float(stored), float(iterated))


def errors_from_answer(
    network: Network, answer: ComplexArray, kind: type[np.complexfloating]
) -> list[float]:
    """Largest distance from the answer, (node,) [pu], after each iteration in numbers of this kind [pu]; infinite once the
    voltages are not finite.
    """
    batch = make_batch(network)
    devices, source = network.devices, network.source_by_node @ batch.source_pu[0]
    matrix = _admittance(network, batch.state[0]).astype(kind)
    factors = splu(
        matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )
    held = network.held_nodes
    v, errors = answer, []
    for _ in range(ITERATIONS):
        power = branch_power_kva(
            network, v[None], batch.state, batch.p_kw, batch.q_kvar, use_band=False
        )
        taken = node_current_pu(devices, v[None], power)[0]
        taken[held] = 0.0
        v = factors.solve((source - taken).astype(kind)).astype(complex)
        if not np.isfinite(v).all():
            return [*errors, *[np.inf] * (ITERATIONS - len(errors))]
        errors.append(float(np.abs(v - answer).max()))
    return errors


def _admittance(network: Network, state: np.ndarray) -> sparse.csc_array:
    """Nodal admittance [pu], with the identity in the rows of an ideal source and on the diagonal of nodes without supply."""
    held = np.zeros(network.n_nodes, dtype=bool)
    held[network.source_nodes] = network.source_is_ideal
    free = sparse.diags_array((~held).astype(float))
    alone = sparse.diags_array((held | dead_nodes(network, state)).astype(float))
    return sparse.csc_array(free @ network.nodal_admittance(state) + alone)
