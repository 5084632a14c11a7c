"""One pass of the batched fixed point at given taps, line positions and capacitor steps: from `Batch` to voltages."""

from __future__ import annotations

import numpy as np

from tieline.network.devices import GROUND
from tieline.network.network import Network
from tieline.network.supply import dead_nodes, dead_nodes_per_scenario
from tieline.powerflow import kernel
from tieline.powerflow.device_currents import Devices
from tieline.powerflow.devices import branch_kinds
from tieline.powerflow.factors import Pattern, shared_factors
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
    varying = np.flatnonzero((state != state[0]).any(axis=0))
    re, im, variable = _matrix(network, state, varying)
    pattern = _kernel_pattern(network)
    if not len(varying):
        re, im = shared_factors(re, im, pattern)
    source = network.source_current[network.factor_pattern.order]
    scenarios = kernel.Scenarios(
        p=p_kw,
        q=q_kvar,
        source_pu=source_pu,
        source_re=np.ascontiguousarray(source.real),
        source_im=np.ascontiguousarray(source.imag),
        start=np.empty((0, network.n_nodes), dtype=complex) if start is None else start,
        order=network.factor_pattern.order,
    )
    devices = _kernel_devices(network, use_band)
    v, step, iterations = kernel.solve_batch(
        n_scenarios, re, im, pattern, variable, devices, scenarios, tolerance, max_iterations
    )
    outcome = np.full(n_scenarios, Outcome.CONVERGED, dtype=np.int64)
    outcome[~(step <= tolerance)] = Outcome.ITERATION_LIMIT
    outcome[~np.isfinite(step)] = Outcome.DIVERGED
    v[outcome != Outcome.CONVERGED] = np.nan
    return v, outcome, iterations


def _kernel_pattern(network: Network) -> Pattern:
    p = network.factor_pattern
    return Pattern(p.row_start, p.column, p.diagonal, p.update_start, p.update_target, p.update_source)


def _kernel_devices(network: Network, use_band: bool) -> Devices:
    """Device branches with node indices as elimination steps; no current goes into a node whose voltage is held."""
    d = network.devices
    step_of = np.append(network.factor_pattern.rank, GROUND)  # the last slot maps GROUND (-1) to itself
    into_plus, into_minus = (step_of[np.where(np.isin(ends, _held_nodes(network)), GROUND, ends)] for ends in (d.plus, d.minus))
    return Devices(
        kind=branch_kinds(d, use_band),
        device=d.device,
        plus=step_of[d.plus],
        minus=step_of[d.minus],
        into_plus=into_plus,
        into_minus=into_minus,
        share=d.share / S_BASE_KVA,
        per_rated=d.per_rated,
        zip_p=d.zip_p,
        zip_q=d.zip_q,
        band=d.band_pu,
        power_outside=d.power_outside,
    )


def _held_nodes(network: Network) -> IntArray:
    """Nodes whose voltage an ideal source holds; their matrix rows are those of the identity."""
    return network.source_nodes if network.source_is_ideal else np.empty(0, dtype=np.int64)


def _matrix(network: Network, state: FloatArray, varying: IntArray) -> tuple[FloatArray, FloatArray, kernel.Variable]:
    """Entries common to all scenarios, summed per position (real, imaginary), and those that vary.

    De-energised nodes get one on the diagonal: with no current they end at zero voltage.
    """
    pattern, e = network.factor_pattern, network.entries
    base: ComplexArray = np.zeros(pattern.n_positions, dtype=np.complex128)
    held = _held_nodes(network)
    base[pattern.diagonal[pattern.rank[held]]] = 1.0
    active = ~np.isin(network.terminals.node[e.row], held)
    does_vary = np.isin(np.arange(state.shape[1]), varying)
    is_variable = active & (does_vary[e.state_a] | does_vary[e.state_b])
    is_common = active & ~is_variable
    value = e.value * state[0, e.state_a] * state[0, e.state_b]
    np.add.at(base, network.entry_position[is_common], value[is_common])
    if not len(varying):
        base[pattern.diagonal] += dead_nodes(network, state[0])[pattern.order]
    return np.real(base).copy(), np.imag(base).copy(), _variable_entries(network, state, varying, is_variable)


def _variable_entries(network: Network, state: FloatArray, varying: IntArray, chosen: BoolArray) -> kernel.Variable:
    """Kernel form of the chosen entries: a state that is the same everywhere moves into the value, leaving the constant one
    behind.
    """
    e, count = network.entries, len(varying)
    a, b = e.state_a[chosen], e.state_b[chosen]
    column = np.zeros(state.shape[1], dtype=np.int64)
    column[varying] = 1 + np.arange(count)
    fixed = np.where(column[a] == 0, state[0, a], 1.0) * np.where(column[b] == 0, state[0, b], 1.0)
    return kernel.Variable(
        position=network.entry_position[chosen],
        value=e.value[chosen] * fixed,
        a=column[a],
        b=column[b],
        state=np.column_stack([np.ones(len(state)), state[:, varying]]) if count else np.empty((0, 1)),
        dead=_dead_in_order(network, state) if count else np.empty((0, network.n_nodes), dtype=bool),
    )


def _dead_in_order(network: Network, state: FloatArray) -> BoolArray:
    return np.ascontiguousarray(dead_nodes_per_scenario(network, state)[:, network.factor_pattern.order])
