"""One pass of the batched fixed point at given taps, line positions and capacitor steps: from `Batch` to voltages."""

from __future__ import annotations

import numpy as np
from numba import get_num_threads

from tieline.network.devices import GROUND
from tieline.network.network import Network
from tieline.network.supply import dead_nodes, dead_nodes_per_scenario
from tieline.powerflow import kernel
from tieline.powerflow.device_currents import Devices
from tieline.powerflow.devices import branch_kinds
from tieline.powerflow.factors import Own, Pattern, dependent_rows, shared_factors
from tieline.powerflow.outcome import Outcome
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

Matrix = tuple[FloatArray, FloatArray, Own, Pattern, kernel.Variable, Devices]
"""What the kernel wants of a network at given states: shared factors, own rows, pattern, varying entries, device branches."""


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
        tolerance: estimated error of the voltages at which a scenario counts as converged [pu].
        max_iterations: give up after so many.
        start: first voltages, (scenario, node) [pu]; None starts from the no-load voltages.

    Returns:
        Voltages (scenario, node) [pu], `Outcome` codes (scenario,), iterations (scenario,). Voltages of failed scenarios are NaN.
    """
    pattern = _kernel_pattern(network)
    re, im, own, variable = _matrix(network, pattern, state)
    source = network.source_current[network.factor_pattern.order]
    scenarios = kernel.Scenarios(
        p=p_kw,
        q=q_kvar,
        source_pu=source_pu,
        source_re=np.ascontiguousarray(source.real),
        source_im=np.ascontiguousarray(source.imag),
        start=np.empty((0, network.n_nodes), dtype=complex) if start is None else start,
        rank=network.factor_pattern.rank,
    )
    matrix: Matrix = (re, im, own, pattern, variable, _kernel_devices(network, use_band))
    if start is None and len(own.re) == 0 and len(source_pu) == 1:
        scenarios = scenarios._replace(start=_no_load(matrix, scenarios))
    v = np.empty((n_scenarios, network.n_nodes), dtype=np.complex128)
    error, iterations = kernel.solve_batch(v, get_num_threads(), *matrix, scenarios, tolerance, max_iterations)
    outcome = np.full(n_scenarios, Outcome.CONVERGED, dtype=np.int64)
    outcome[~(error <= tolerance)] = Outcome.ITERATION_LIMIT
    outcome[~np.isfinite(error)] = Outcome.DIVERGED
    v[outcome != Outcome.CONVERGED] = np.nan
    return v, outcome, iterations


def _no_load(matrix: Matrix, scenarios: kernel.Scenarios) -> ComplexArray:
    """Voltages without any load, (1, node) [pu]: the start of all scenarios that share matrix and source voltage."""
    nothing = np.zeros((1, scenarios.p.shape[1]))
    v = np.empty((1, len(scenarios.rank)), dtype=np.complex128)
    kernel.solve_batch(v, 1, *matrix, scenarios._replace(p=nothing, q=nothing), np.inf, 0)
    return v


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


def _matrix(network: Network, pattern: Pattern, state: FloatArray) -> tuple[FloatArray, FloatArray, Own, kernel.Variable]:
    """Shared factors (real, imaginary), and the own rows with the entries that vary.

    De-energised nodes get one on the diagonal: with no current they end at zero voltage.
    """
    e = network.entries
    varying = (state != state[0]).any(axis=0)
    active = ~np.isin(network.terminals.node[e.row], _held_nodes(network))
    is_variable = active & (varying[e.state_a] | varying[e.state_b])
    base = _common_entries(network, pattern, state[0], active & ~is_variable)
    if not varying.any():
        base[pattern.diagonal] += dead_nodes(network, state[0])[network.factor_pattern.order]
        nothing = np.empty(0, dtype=np.int64)
        own = Own(np.full(network.n_nodes, -1), np.empty(0), np.empty(0))
        variable = kernel.Variable(
            nothing, np.empty(0, dtype=np.complex128), nothing, nothing, np.empty((0, 1)), np.empty((0, 0), dtype=bool)
        )
    else:
        own, variable = _own_rows(network, pattern, state, varying, is_variable, base)
    re, im = shared_factors(np.real(base).copy(), np.imag(base).copy(), pattern)
    return re, im, own, variable


def _common_entries(network: Network, pattern: Pattern, state: FloatArray, chosen: BoolArray) -> ComplexArray:
    """Entries that all scenarios have in common, summed per position; the identity in the rows of an ideal source."""
    e = network.entries
    base = np.zeros(network.factor_pattern.n_positions, dtype=np.complex128)
    base[pattern.diagonal[network.factor_pattern.rank[_held_nodes(network)]]] = 1.0
    value = e.value * state[e.state_a] * state[e.state_b]
    np.add.at(base, network.entry_position[chosen], value[chosen])
    return base


def _own_rows(
    network: Network, pattern: Pattern, state: FloatArray, varying: BoolArray, chosen: BoolArray, base: ComplexArray
) -> tuple[Own, kernel.Variable]:
    """Rows that depend on a varying entry or on supply, and those entries in their slots.

    A state that is the same everywhere moves into the value, leaving the constant one behind.
    """
    e, order = network.entries, network.factor_pattern.order
    dead = np.ascontiguousarray(dead_nodes_per_scenario(network, state)[:, order])
    position = network.entry_position[chosen]
    row = np.searchsorted(pattern.row_start, position, side="right") - 1
    seed = np.asarray(dead.any(axis=0))
    seed[row] = True
    rows = np.flatnonzero(dependent_rows(seed, pattern))
    width = np.diff(pattern.row_start)[rows]
    first = np.full(network.n_nodes, -1)
    first[rows] = np.cumsum(width) - width
    positions = np.concatenate([np.arange(pattern.row_start[k], pattern.row_start[k + 1]) for k in rows])
    a, b = e.state_a[chosen], e.state_b[chosen]
    fixed = np.where(varying[a], 1.0, state[0, a]) * np.where(varying[b], 1.0, state[0, b])
    column = np.where(varying, np.cumsum(varying), 0)  # 0 is the constant one
    variable = kernel.Variable(
        slot=first[row] + position - pattern.row_start[row],
        value=e.value[chosen] * fixed,
        a=column[a],
        b=column[b],
        state=np.ascontiguousarray(np.column_stack([np.ones(len(state)), state[:, varying]])),
        dead=dead,
    )
    return Own(first, np.real(base[positions]).copy(), np.imag(base[positions]).copy()), variable
