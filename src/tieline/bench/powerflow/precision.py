"""Where single precision would do: the voltages rounded to it, and an iteration that runs in it.

The iteration is the fixed point Y v = i_source - i_devices(v) of a feeder's snapshot, with factors, voltages and currents in
complex64; device currents are worked out in double precision and rounded, so what is seen is the least that single
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
    """Errors of the snapshot of a feeder at its nominal taps and steps."""
    solution = solve(network, load_scale=[[1.0]], controls="off", tolerance=1e-12)
    answer = solution.v_pu[0]
    stored = answer.astype(np.complex64)
    stored_errors = np.abs(stored - answer)
    iterated_errors = errors_from_answer(network, answer, np.complex64)
    settled = iterated_errors[ITERATIONS // 2 :]  # before that the error still grows
    return SinglePrecision(float(stored_errors.max()), float(np.median(settled)))


def errors_from_answer(
    network: Network, answer: ComplexArray, kind: type[np.complexfloating]
) -> list[float]:
    """How far an iteration in single precision, say, wanders from the answer.

    Args:
        network: feeder arrays.
        answer: node voltages in double precision, (node,) [pu].
        kind: numbers that the iteration runs in.

    Returns:
        Largest distance from the answer after each iteration [pu]; infinite once the voltages are not finite.
    """
    batch = make_batch(network)
    source_current = network.drive(batch.source_pu[0])
    matrix = _admittance(network, batch.state[0]).astype(kind)
    factors = splu(
        matrix,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    v = answer
    errors: list[float] = []
    for _ in range(ITERATIONS):
        power = branch_power_kva(
            network, v[None], batch.state, batch.p_kw, batch.q_kvar, use_band=False
        )
        device_current = node_current_pu(network.devices, v[None], power)[0]
        device_current[network.held_nodes] = (
            0.0  # the source holds its voltage, whatever it gives
        )
        v = factors.solve((source_current - device_current).astype(kind)).astype(
            complex
        )
        if not np.isfinite(v).all():
            missing = ITERATIONS - len(errors)
            return errors + missing * [np.inf]
        errors.append(float(np.abs(v - answer).max()))
    return errors


def _admittance(network: Network, state: np.ndarray) -> sparse.csc_array:
    """Nodal admittance [pu], with the identity in the rows of an ideal source and on the diagonal of nodes without supply."""
    is_held = np.zeros(network.n_nodes, dtype=bool)
    is_held[network.source_nodes] = network.source_is_ideal
    is_alone = is_held | dead_nodes(network, state)
    # an identity row holds the voltage; for a node without supply it keeps the matrix regular
    free_rows = sparse.diags_array((~is_held).astype(float))
    identity = sparse.diags_array(is_alone.astype(float))
    admittance = network.nodal_admittance(state)
    return sparse.csc_array(free_rows @ admittance + identity)
