"""`prepare`: from a network and what a batch asks to the `System` of compiled code; and the operating point of a batch."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from tieline.network.network import Network
from tieline.network.sections import sections_of
from tieline.powerflow.kernel.iteration import ROUNDING
from tieline.powerflow.kernel.machine_code import in_rows, laid_out
from tieline.powerflow.kernel.matrix import matrix_of, with_slopes
from tieline.powerflow.kernel.plan import NO_NODES, PLANS_KEPT, Plan, plan_for
from tieline.powerflow.kernel.system import Inputs, Scenarios, System, real_rows
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

SolveOne = Callable[[System], ComplexArray | None]
"""Finds the voltages of a system with one scenario, (node,) [pu]; None if it finds none."""

SYSTEMS_KEPT = 8
"""Systems remembered: studies come back to a few states with other powers."""

SAMPLE = 64
"""Scenarios, at most, whose mean is the operating point of a batch: enough for a mean, and no pass through all inputs."""

POINT_TOLERANCE = 1e-3
"""Error of the voltages at the operating point [pu]: slopes need no more."""

UNDETERMINED = 1e-4
"""Where rounding moves a voltage by as much as this, nothing determines it: that is no answer."""


def prepare(
    network: Network,
    inputs: Inputs,
    varying: BoolArray,
    *,
    use_band: bool,
    watched: IntArray = NO_NODES,
) -> System:
    """The system of a batch, without slopes of its devices.

    Args:
        network: feeder arrays.
        inputs: what the scenarios ask.
        varying: states that differ between scenarios, or that controls may change, (state,).
        use_band: apply OpenDSS' load band.
        watched: nodes whose voltages are read after every iteration.
    """
    # Only where one state vector says all is a system remembered: many of them would be a key as large as the batch.
    if len(inputs.state) == 1 or not varying.any():
        state = inputs.state[0].tobytes()
        system = _system_of_one_state(
            network, state, varying.tobytes(), use_band, watched.tobytes()
        )
    else:
        system = _system_of(network, inputs.state, varying, use_band, watched)
    return system._replace(scenarios=asked(network, system.scenarios, inputs))


def asked(network: Network, unasked: Scenarios, inputs: Inputs) -> Scenarios:
    """What a batch asks, beside what the network says; `unasked` has the start of who has none."""
    start = unasked.start
    if inputs.start is not None:
        start = real_rows(inputs.start)
    return Scenarios(
        p_kw=in_rows(inputs.p_kw),
        q_kvar=in_rows(inputs.q_kvar),
        source_pu=in_rows(network.drive_parts(inputs.source_pu)),
        source_re=unasked.source_re,
        source_im=unasked.source_im,
        start=start,
        rank=unasked.rank,
        noise=unasked.noise,
        newton_noise=unasked.newton_noise,
    )


def differing_states(state: FloatArray) -> BoolArray:
    """States that are not the same in all rows of (scenario, state), (state,)."""
    if len(state) == 1:
        return np.zeros(state.shape[1], dtype=bool)
    return (state != state[0]).any(axis=0)


@lru_cache(maxsize=SYSTEMS_KEPT)
def _system_of_one_state(
    network: Network, state: bytes, varying: bytes, use_band: bool, watched: bytes
) -> System:
    """The system where all scenarios are, or begin, in one state; a network never changes, and is its own key."""
    return _system_of(
        network,
        np.frombuffer(state)[None],
        np.frombuffer(varying, dtype=bool),
        use_band,
        np.frombuffer(watched, dtype=np.int64),
    )


def _system_of(
    network: Network,
    state: FloatArray,
    varying: BoolArray,
    use_band: bool,
    watched: IntArray,
) -> System:
    """A system at some states, (scenario or 1, state), that is not yet asked for any power."""
    plan = _plan_of(network, state, varying, use_band, watched)
    matrix, variable = matrix_of(network, plan, state, varying)
    scenarios = _unasked_scenarios(network, plan)
    system = System(matrix, plan.pattern, plan.ports, variable, scenarios)
    return laid_out(system)


def _plan_of(
    network: Network,
    state: FloatArray,
    varying: BoolArray,
    use_band: bool,
    watched: IntArray,
) -> Plan:
    """A plan that also serves the next batch: without the lines that are open throughout, and ready for the taps of all
    regulators if some vary, and for the steps of all capacitors.
    """
    layout = network.states
    is_closed = state[:, layout.lines] != 0
    can_conduct = np.ones(state.shape[1], dtype=bool)
    can_conduct[layout.lines] = is_closed.any(axis=0)
    varies = varying.copy()
    for together in (layout.regulated_windings, layout.capacitors):
        varies[together] = varying[together].any()
    return plan_for(network, can_conduct, varies, use_band, watched)


@lru_cache(maxsize=PLANS_KEPT)
def _unasked_scenarios(network: Network, plan: Plan) -> Scenarios:
    """What `Scenarios` holds of the network, and a start from zero; the arrays of what is asked are empty."""
    source = network.drive_by_part
    noise, newton_noise = _noise(network)
    return Scenarios(
        p_kw=np.empty((0, 0)),
        q_kvar=np.empty((0, 0)),
        source_pu=np.empty((0, 0)),
        source_re=np.ascontiguousarray(source.real),
        source_im=np.ascontiguousarray(source.imag),
        start=np.zeros((1, 2 * network.n_nodes)),
        rank=plan.rank,
        noise=noise[plan.order],
        newton_noise=newton_noise[plan.order],
    )


def _noise(network: Network) -> FloatArray:
    """Squared steps of chord's and of Newton's method that are made of rounding errors, (2, node); none where voltages are known
    to `ROUNDING`, or not at all.
    """
    sections = sections_of(network)
    of_section = np.stack([sections.noise_pu, sections.newton_noise_pu])
    noise = of_section[:, sections.of_node]
    is_noisy = (noise > ROUNDING) & (noise < UNDETERMINED)
    return np.where(is_noisy, noise, 0.0) ** 2


def at_operating_point(system: System, is_started: bool, solve_one: SolveOne) -> System:
    """The system with the slopes of its devices where the batch works.

    That is at the mean of the voltages the batch starts from, or else at the mean of a sample of its scenarios.

    Args:
        system: without slopes.
        is_started: whether the batch has first voltages of its own; else those of the operating point become its start.
        solve_one: finds the voltages of a system with one scenario; where it finds none, the system stays without slopes.
    """
    scenarios = system.scenarios
    p_kw = _sample_mean(scenarios.p_kw)
    q_kvar = _sample_mean(scenarios.q_kvar)
    # The given voltages are nearer to the answers than what a solve of the mean powers would find, and cost nothing.
    if is_started:
        v_pu = _sample_mean(scenarios.start).view(np.complex128)
        return with_slopes(system, v_pu, p_kw, q_kvar)
    source_pu = _sample_mean(scenarios.source_pu)
    mean = scenarios._replace(
        p_kw=p_kw[None], q_kvar=q_kvar[None], source_pu=source_pu[None]
    )
    v_pu = solve_one(system._replace(scenarios=mean))
    if v_pu is None:
        return system  # the mean is beyond collapse, though some scenarios may not be
    system_with_start = system._replace(
        scenarios=scenarios._replace(start=real_rows(v_pu[None, :]))
    )
    return with_slopes(system_with_start, v_pu, p_kw, q_kvar)


def _sample_mean(rows: np.ndarray) -> np.ndarray:
    """Mean over a sample of rows, evenly spread, those with NaN or infinity left out."""
    step = -(-len(rows) // SAMPLE)
    sample = rows[::step]
    # Almost every sample is sound, which the mean tells; looking at all its numbers first would take twice as long.
    mean = np.asarray(sample.sum(axis=0) / len(sample))
    if np.isfinite(mean).all():
        return mean
    is_finite = np.isfinite(sample.reshape(len(sample), -1))
    sound = sample[is_finite.all(axis=1)]
    if len(sound) == 0:
        return np.zeros_like(rows[0])
    return np.asarray(sound.mean(axis=0))
