"""One pass of the batched fixed point at given taps, line positions and capacitor steps: from `Batch` to voltages."""

from __future__ import annotations

import numpy as np

from tieline.network.network import Network
from tieline.network.pattern import FactorPattern
from tieline.network.supply import dead_nodes_per_scenario
from tieline.powerflow import kernel
from tieline.powerflow.devices import branch_kinds
from tieline.powerflow.outcome import Outcome
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA


def solve_fixed_point(
    network: Network,
    p_kw: FloatArray,
    q_kvar: FloatArray,
    state: FloatArray,
    source_pu: FloatArray,
    n_scenarios: int,
    *,
    use_band: bool,
    tolerance: float,
    max_iterations: int,
    start: ComplexArray | None = None,
) -> tuple[ComplexArray, IntArray, IntArray]:
    """Voltages of all scenarios at fixed states.

    Args:
        network: feeder arrays.
        p_kw, q_kvar: consumption of each device at rated voltage, (scenario or 1, device).
        state: state vectors, (scenario or 1, state).
        source_pu: source voltage, (scenario or 1,) [pu].
        n_scenarios: number of scenarios.
        use_band: apply OpenDSS' load band.
        tolerance: largest voltage step at which a scenario counts as converged [pu].
        max_iterations: give up after so many.
        start: first voltages, (scenario, node) [pu]; None starts from the no-load voltages.

    Returns:
        Voltages (scenario, node) [pu], `Outcome` codes (scenario,), iterations (scenario,). Voltages of failed scenarios are NaN.
    """
    pattern = network.factor_pattern
    varying = np.flatnonzero((state != state[0]).any(axis=0))
    dead = dead_nodes_per_scenario(network, state if len(varying) else state[:1])
    base, variable = _split_matrix(network, state[0], varying)
    devices = network.devices
    rank = np.append(pattern.rank, -1)  # the last slot maps GROUND (-1) to itself
    held = network.source_nodes if network.source_is_ideal else np.empty(0, dtype=np.int64)
    into_plus, into_minus = (rank[np.where(np.isin(ends, held), -1, ends)] for ends in (devices.plus, devices.minus))
    source = network.source_current[pattern.order]
    factor_arrays = (pattern.row_start, pattern.column, pattern.diagonal)
    factor_arrays += (pattern.update_start, pattern.update_target, pattern.update_source)
    if not len(varying):
        base[pattern.diagonal] += dead[0][pattern.order]
        dead = dead[:0]
    base_re, base_im = np.ascontiguousarray(base.real), np.ascontiguousarray(base.imag)
    if not len(varying):
        kernel.factorise(base_re, base_im, *factor_arrays)
    v, step, iterations = kernel.solve_batch(
        n_scenarios,
        base_re,
        base_im,
        *factor_arrays,
        *variable,
        np.ascontiguousarray(np.c_[np.ones(len(state)), state[:, varying]]),
        np.ascontiguousarray(dead[:, pattern.order]),
        np.ascontiguousarray(source.real),
        np.ascontiguousarray(source.imag),
        source_pu,
        p_kw / S_BASE_KVA,
        q_kvar / S_BASE_KVA,
        branch_kinds(devices, use_band),
        devices.device,
        rank[devices.plus],
        rank[devices.minus],
        into_plus,
        into_minus,
        devices.share,
        devices.per_rated,
        devices.zip_p,
        devices.zip_q,
        devices.band_pu,
        devices.power_outside,
        pattern.order,
        np.empty((0, network.n_nodes), dtype=complex) if start is None else start,
        tolerance,
        max_iterations,
    )
    outcome = np.full(n_scenarios, Outcome.CONVERGED, dtype=np.int64)
    outcome[~(step <= tolerance)] = Outcome.ITERATION_LIMIT
    outcome[~np.isfinite(step) | ~np.isfinite(v).all(axis=1)] = Outcome.DIVERGED
    v[outcome != Outcome.CONVERGED] = np.nan
    return v, outcome, iterations


def _split_matrix(network: Network, state: FloatArray, varying: IntArray) -> tuple[ComplexArray, tuple]:
    """Entries common to all scenarios summed per position, and the varying ones as kernel arrays.

    The rows of an ideal source become rows of the identity.
    """
    pattern, e = network.factor_pattern, network.entries
    held = network.source_nodes if network.source_is_ideal else np.empty(0, dtype=np.int64)
    active = ~np.isin(network.terminals.node[e.row], held)
    local = np.full(len(state), -1)
    local[varying] = 1 + np.arange(len(varying))
    is_variable = active & ((local[e.state_a] > 0) | (local[e.state_b] > 0))
    is_common = active & ~is_variable
    base = np.zeros(pattern.n_positions, dtype=complex)
    value = e.value * state[e.state_a] * state[e.state_b]
    np.add.at(base, network.entry_position[is_common], value[is_common])
    base[pattern.diagonal[pattern.rank[held]]] = 1.0
    a, b = e.state_a[is_variable], e.state_b[is_variable]
    # a state that is the same everywhere moves into the value, leaving the constant one behind
    fixed = np.where(local[a] < 0, state[a], 1.0) * np.where(local[b] < 0, state[b], 1.0)
    position = network.entry_position[is_variable]
    return base, (position, e.value[is_variable] * fixed, np.maximum(local[a], 0), np.maximum(local[b], 0))
