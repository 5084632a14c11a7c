"""`Solver`: the power flow of one network, for many calls of few scenarios.

    solver = network.solver(controls="off")
    for load_kw, load_kvar in minutes:
        solution = solver.solve(load_kw=load_kw, load_kvar=load_kvar)

What does not depend on a scenario is worked out once: options are checked when the solver is made; the order of elimination,
the matrix and its factors are remembered for the last few positions of the network, and threads wait from call to call. What a
scenario asks is checked at every call, and Kirchhoff's law ends every call. Nothing is handed on from one call to the next: the
same inputs give the same numbers whatever was solved before, and several threads may use one solver at once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from tieline.arguments import name_maker
from tieline.errors import InputError, NotConvergedError, ShapeError
from tieline.feeders.feeder import Feeder
from tieline.network.network import Network, network_of
from tieline.powerflow.batch import Batch, make_batch
from tieline.powerflow.check.bad_inputs import name_bad_inputs
from tieline.powerflow.check.cut_off import name_cut_off
from tieline.powerflow.check.kirchhoff import mark_unbalanced
from tieline.powerflow.check.unearthed import name_unearthed
from tieline.powerflow.controls.loop import fill_inner
from tieline.powerflow.kernel.chord import solve_by_chord
from tieline.powerflow.options import (
    CONTROLS,
    INVERTERS,
    Controls,
    Inverters,
    LoadModel,
    limits_of,
    require_choice,
    uses_band,
)
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.runs import Runs
from tieline.powerflow.scenario_inputs import ScenarioInputs
from tieline.powerflow.second_process import share_compiling
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray


class Solver:
    """The power flow of one network with fixed options.

    Args:
        network: feeder arrays; or a feeder, or the name or path of one.
        controls, load_model, inverters, tolerance, max_iterations: as for `solve`.

    Raises:
        InputError: for an option that cannot be.
    """

    def __init__(
        self,
        network: Network | Feeder | str | Path,
        *,
        controls: Controls = "feeder",
        load_model: LoadModel = "feeder",
        inverters: Inverters | None = None,
        tolerance: float = 1e-8,
        max_iterations: int = 100,
    ) -> None:
        self.network = network_of(network, "solve")
        limits = limits_of(tolerance, max_iterations)
        require_choice("controls", controls, CONTROLS)
        if inverters is not None:
            require_choice("inverters", inverters, INVERTERS)
        use_band = uses_band(self.network.feeder, load_model)
        self._acts = controls == "feeder" and self.network.feeder.has_controls
        self._inverters = inverters
        self._runs = Runs(self.network, limits, use_band)

    def __repr__(self) -> str:
        """What a user wants to know at a prompt."""
        controls = "acting" if self._acts else "held"
        return f"Solver of feeder '{self.network.feeder.name}', controls {controls}"

    def solve(
        self, *, out: ComplexArray | None = None, **inputs: Unpack[ScenarioInputs]
    ) -> Solution:
        """Solve one or many scenarios.

        Args:
            out: takes the voltages and becomes `v_pu` of the solution, complex128 (scenario, node); what it held is lost, also
                for a solution that was given it before. Without it every solution has an array of its own.
            inputs: as for `solve`. Arrays that need no conversion are not copied: a solution reads them again for powers.

        Returns:
            The solution; scenarios without an answer are marked in `outcome` and hold NaN.

        Raises:
            NotConvergedError: if no input had a scenario axis and the one scenario has no answer.
            ShapeError, InputError: if an input or `out` does not fit the network.
            TypeError: for an input by another name.
        """
        batch = make_batch(self.network, **inputs)
        if out is not None:
            _require_fitting(out, (batch.n_scenarios, self.network.n_nodes))
        # who gives reactive powers has decided them, an optimiser for example
        is_decided = inputs.get("der_kvar") is not None
        self._share_compiling()
        solution = self._answer(self._runs, batch, is_decided, out)
        if solution.outcome.any():
            self._give_reasons(solution, batch, is_decided)
        return solution

    def _share_compiling(self) -> None:
        """Let another process compile some of what comes, where nothing is compiled yet and the command has allowed it."""
        if self._acts:
            share_compiling(fill_inner, "acting")
        else:
            share_compiling(solve_by_chord, "resting")

    def _answer(
        self,
        runs: Runs,
        batch: Batch,
        is_decided: bool,
        out: ComplexArray | None = None,
    ) -> Solution:
        """The solution of a batch whose reactive powers are decided, or not; judged."""
        follows = self._inverters == "feeder"
        follows |= self._inverters is None and not is_decided
        run = runs.choose(acts=self._acts, holds=not is_decided, follows=follows)
        solution = run(batch, out)
        mark_unbalanced(solution, batch.inputs.source_pu, runs.limits.tolerance)
        _mark_bad_inputs(solution, batch)
        return solution

    def _give_reasons(self, solution: Solution, batch: Batch, is_decided: bool) -> None:
        """Say why scenarios have no answer, in place; raises `NotConvergedError` where a single one was asked for."""
        # last, when all outcomes stand: these look at every scenario without an answer
        name_bad_inputs(solution)
        name_unearthed(solution)
        name_cut_off(solution)
        if not batch.is_single:
            return
        reason = solution.reason(0)
        if solution.outcome[0] != Outcome.BAD_INPUT and not solution.reasons:
            # loads that turn into impedances can carry what constant powers cannot, and the other way round
            with_other_model = replace(self._runs, use_band=not self._runs.use_band)
            alternative = self._answer(with_other_model, batch, is_decided)
            reason += _hint_of_other_model(alternative)
        raise NotConvergedError(
            f"The power flow of feeder '{self.network.feeder.name}' {reason}"
        )


def _require_fitting(out: Any, shape: tuple[int, int]) -> None:
    """Raise for what cannot take the voltages of (scenario, node) = `shape`."""
    if not isinstance(out, np.ndarray) or out.dtype != np.complex128:
        kind = getattr(out, "dtype", type(out).__name__)
        raise InputError(
            f"out takes complex voltages in double precision, and is {kind}. Make it with np.empty({shape}, dtype=complex)."
        )
    if out.shape != shape:
        raise ShapeError(
            f"out has shape {out.shape}; expected (scenario, node) = {shape}."
        )
    if not out.flags.carray:
        raise InputError(
            "out must be an array of its own that may be written to, row after row in memory, such as "
            f"np.empty({shape}, dtype=complex) makes."
        )


def _mark_bad_inputs(solution: Solution, batch: Batch) -> None:
    """Take the answer from scenarios with an input that is not finite, in place."""
    # A NaN at a dead node leaves the voltages finite; the scenario has no answer all the same.
    bad = batch.bad_scenarios()
    if bad.any():
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


name_maker(
    Solver,
    "What changes from call to call, load_scale for example, is an argument of its solve: "
    "Solver(feeder).solve(load_scale=1.2).",
)
