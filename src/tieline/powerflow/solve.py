"""`solve`: the power flow of a batch of scenarios, with the feeder's own controls if wanted. The one entry point of this
folder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, Unpack, get_args

import numpy as np

from tieline.errors import InputError, NotConvergedError
from tieline.feeders.feeder import Feeder
from tieline.network.network import Network, network_of
from tieline.powerflow.batch import Batch, make_batch
from tieline.powerflow.check.bad_inputs import name_bad_inputs
from tieline.powerflow.check.cut_off import name_cut_off
from tieline.powerflow.check.kirchhoff import mark_unbalanced
from tieline.powerflow.check.unearthed import name_unearthed
from tieline.powerflow.controls.solve import has_controls, solve_with_controls
from tieline.powerflow.held_voltage.rounds import solve_holding
from tieline.powerflow.inverters.following import Acted, solve_following
from tieline.powerflow.kernel.held_positions import solve_at_rest
from tieline.powerflow.kernel.system import Limits, complex_rows
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.scenario_inputs import ScenarioInputs
from tieline.powerflow.solution import Solution

Controls = Literal["feeder", "off"]
Inverters = Literal["feeder", "off"]
LoadModel = Literal["feeder", "zip", "opendss-band"]
"""What loads do outside their voltage band; "feeder" is the choice of the feeder itself."""


def solve(
    network: Network | Feeder | str | Path,
    *,
    controls: Controls = "feeder",
    load_model: LoadModel = "feeder",
    inverters: Inverters | None = None,
    tolerance: float = 1e-8,
    max_iterations: int = 100,
    **inputs: Unpack[ScenarioInputs],
) -> Solution:
    """Solve the AC power flow of one or many scenarios.

    Every input array may be left out (the feeder's snapshot), have one row (all scenarios), or one row per scenario. Columns
    follow the feeder: `load_*` its loads, `der_*` its `ders`, `taps` its regulators, `line_closed` its lines,
    `capacitor_steps` its capacitors.

    By name an input is a mapping, a Series whose index are names, or a DataFrame with a column for each name and a row for each
    scenario; what is not named keeps the feeder's value (`named_inputs`).

    Args:
        network: feeder arrays; or a feeder, which makes its own once, or the name or path of one, which is read each time.
        load_kw, load_kvar: consumption at rated voltage, (load,) or (scenario, load) [kW, kvar].
        load_scale: factor on the feeder's own P and Q, a number, (load,), (scenario, 1) or (scenario, load).
        der_kw, der_kvar: injection, (der,) or (scenario, der) [kW, kvar]. Generators hold the voltages that the feeder states
            for them unless `der_kvar` is given, which then is what every DER injects. `der_kw` of an inverter with a
            characteristic is what it would like to give.
        der_kva: ratings of the inverters that follow a characteristic, in place of the feeder's, (der,) or (scenario, der) [kVA].
        taps: tap positions, the start of the controls or, with them off, held, (regulator,) or (scenario, regulator).
        line_closed: 1 or True closed, 0 open, (line,) or (scenario, line). Nodes cut off from the source get voltage 0.
        capacitor_steps: steps in, (capacitor,) or (scenario, capacitor).
        source_pu: source voltage, a number, (scenario,) or (scenario, 1) for all phases, (scenario, source node) for each [pu].
            The angle of a complex number is added to the one that the feeder states.
        start_pu: complex first voltages, (node,) or (scenario, node) [pu], such as `v_pu` of the time step before; rows of NaN
            start from no load. Good ones save iterations and change no answer beyond the tolerance.
        controls: "feeder" lets regulators and capacitor controls act until they rest, "off" holds taps and steps.
        inverters: "feeder" lets those with a characteristic follow it, "off" leaves them at their P and Q; None lets them follow
            it unless `der_kvar` is given.
        load_model: "zip" keeps every load on its ZIP model at any voltage, "opendss-band" leaves it outside the load's voltage
            band as OpenDSS does, "feeder" takes `Feeder.load_model`: the band where the feeder came from OpenDSS.
        tolerance: estimated error of the voltages at which a scenario counts as converged [pu].
        max_iterations: iterations after which a scenario is given up.

    Returns:
        The solution; scenarios without an answer are marked in `outcome` and hold NaN.

    Raises:
        NotConvergedError: if no input had a scenario axis and the one scenario has no answer.
        ShapeError, InputError: if an input does not fit the network.
        TypeError: for an input by another name.
    """
    network = network_of(network, "solve")
    limits = _limits(tolerance, max_iterations)
    _check_choice("controls", controls, get_args(Controls))
    if inverters is not None:
        _check_choice("inverters", inverters, get_args(Inverters))
    use_band = uses_band(network.feeder, load_model)
    batch = make_batch(network, **inputs)
    acts = controls == "feeder" and has_controls(network)
    # who gives reactive powers has decided them, an optimiser for example
    is_decided = inputs.get("der_kvar") is not None
    follows = inverters == "feeder" or (inverters is None and not is_decided)
    run = _run_of(network, acts=acts, holds=not is_decided, follows=follows)
    solution = run(network, batch, limits, use_band)
    mark_unbalanced(solution, batch.inputs.source_pu, limits.tolerance)
    _mark_bad_inputs(solution, batch)
    # Last, when all outcomes stand: it looks at every scenario without an answer.
    name_bad_inputs(solution)
    name_unearthed(solution)
    name_cut_off(solution)
    if not batch.is_single or solution.converged[0]:
        return solution
    reason = solution.reason(0)
    if solution.outcome[0] != Outcome.BAD_INPUT and not solution.reasons:
        # loads that turn into impedances can carry what constant powers cannot, and the other way round
        alternative = run(network, batch, limits, not use_band)
        mark_unbalanced(alternative, batch.inputs.source_pu, limits.tolerance)
        reason += _hint_of_other_model(alternative)
    raise NotConvergedError(
        f"The power flow of feeder '{network.feeder.name}' {reason}"
    )


def _limits(tolerance: float, max_iterations: int) -> Limits:
    """When a scenario counts as converged, and when it is given up."""
    has_tolerance = 0 < tolerance < np.inf
    is_whole = isinstance(max_iterations, int | np.integer)
    if not has_tolerance or not is_whole or max_iterations < 1:
        raise InputError(
            f"tolerance ({tolerance}) must be above 0 and max_iterations ({max_iterations}) a whole number above 0."
        )
    return Limits(float(tolerance), int(max_iterations))


def _mark_bad_inputs(solution: Solution, batch: Batch) -> None:
    """Take the answer from scenarios with an input that is not finite, in place."""
    # A NaN at a dead node leaves the voltages finite; the scenario has no answer all the same.
    bad = np.flatnonzero(batch.bad_scenarios())
    solution.outcome[bad] = Outcome.BAD_INPUT
    solution.v_pu[bad] = np.nan


def _hint_of_other_model(alternative: Solution) -> str:
    """What to say of a single scenario without an answer, given what the other load model makes of it."""
    if not alternative.converged[0] or not alternative.outside_band[0].any():
        return ""
    name = "zip"
    treatment = "keep to their ZIP model"
    if alternative.use_band:
        name = "opendss-band"
        treatment = "turn into impedances"
    return f" With load_model='{name}' (--load-model {name}) there is an answer: devices outside their voltage band {treatment}."


def uses_band(feeder: Feeder, load_model: LoadModel) -> bool:
    """Whether loads outside their voltage band turn into impedances; raises `InputError` for an unknown model."""
    _check_choice("load_model", load_model, get_args(LoadModel))
    model = load_model
    if load_model == "feeder":
        model = feeder.load_model
    return model == "opendss-band"


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} must be one of {', '.join(choices)}; got '{value}'.")


def _solve_held(
    network: Network, batch: Batch, limits: Limits, use_band: bool
) -> Solution:
    """Solve with taps and capacitor steps as given."""
    v_pu, outcome, iterations = solve_at_rest(
        network, batch.inputs, batch.n_scenarios, limits, use_band=use_band
    )
    taps = np.broadcast_to(batch.tap, (batch.n_scenarios, batch.tap.shape[1]))
    return Solution(
        network,
        v_pu,
        outcome,
        iterations,
        taps,
        batch.state,
        batch.p_kw,
        batch.q_kvar,
        use_band,
    )


Run = Callable[[Network, Batch, Limits, bool], Solution]


def _run_of(network: Network, *, acts: bool, holds: bool, follows: bool) -> Run:
    """The power flow with all that answers to voltages: regulators and capacitors, generators that hold one, inverters."""
    run = _solve_acting if acts else _solve_held
    run_held = _solve_held
    if holds and network.voltage_holders.count > 0:
        run_held = _holding(_solve_held, acts=False)
        run = _holding(run, acts=acts)
    if follows and network.feeder.inverter_controls:
        return _following(run_held, acts=acts)
    return run


def _holding(run: Run, *, acts: bool) -> Run:
    """The same power flow with generators at the voltages that they hold."""

    def run_holding(
        network: Network, batch: Batch, limits: Limits, use_band: bool
    ) -> Solution:
        def run_at(points: Batch) -> Solution:
            return run(network, points, limits, use_band)

        solution = solve_holding(
            network, batch, limits.tolerance, use_band, run_at, acts=acts
        )
        return replace(solution, holds_voltages=True)

    return run_holding


def _following(run: Run, *, acts: bool) -> Run:
    """The same power flow with inverters on their characteristics."""

    def run_following(
        network: Network, batch: Batch, limits: Limits, use_band: bool
    ) -> Solution:
        one_round = limits._replace(max_rounds=1)

        def run_held(points: Batch) -> Solution:
            return run(network, points, limits, use_band)

        def act_once(points: Batch, memory: np.ndarray | None) -> Acted:
            return _act(network, points, one_round, use_band, memory)

        act = act_once if acts else None
        solution = solve_following(network, batch, limits.tolerance, run_held, act)
        return replace(solution, follows_curves=True)

    return run_following


def _solve_acting(
    network: Network, batch: Batch, limits: Limits, use_band: bool
) -> Solution:
    """Solve with all controls of the feeder active."""
    return _act(network, batch, limits, use_band, None).solution


def _act(
    network: Network,
    batch: Batch,
    limits: Limits,
    use_band: bool,
    memory: np.ndarray | None,
) -> Acted:
    """Solve with all controls active, which remember what they have entered before."""
    progress, outcome, state = solve_with_controls(
        network,
        batch.inputs,
        batch.tap,
        batch.n_scenarios,
        limits,
        use_band=use_band,
        memory=memory,
    )
    solution = Solution(
        network,
        complex_rows(progress.voltage),
        outcome,
        progress.iterations,
        progress.tap,
        state,
        batch.p_kw,
        batch.q_kvar,
        use_band,
    )
    return Acted(solution, progress.memory)
