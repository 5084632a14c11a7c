"""`Voltages`: the network's equations and voltages as linear in the decisions, by a linear model or around an AC solution.

With the decisions u moved from u_0 the unknowns of each step's model move by dx:

    system dx = driven (u - u_0),      |V|^power = |V|_0^power + voltage dx

Both stay sparse, so that thousands of DERs and voltages cost no more than the feeder has branches. No map from decisions to
voltages is formed: it would be dense. `Sweep` says how the equations stand in the program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import sparse

from tieline.linear import LinearModel, lindistflow, lpf, tangent_model
from tieline.linear.blocks import down_the_diagonal
from tieline.opf.decisions import Decisions
from tieline.opf.lp.sweep import Sweep, sweep
from tieline.opf.problem import Problem
from tieline.opf.replay import Replay
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA

LinearModelName = Literal["lindistflow", "lpf"]


@dataclass(frozen=True, eq=False)
class Voltages:
    """|V|^power at the problem's points, linear in u.

    Attributes:
        problem, decisions: what u stands for.
        models: one for all steps, or one for each.
        source: what the voltages are linear by, in words.
    """

    problem: Problem
    decisions: Decisions
    models: tuple[LinearModel, ...]
    source: str

    @property
    def power(self) -> int:
        """1, or 2 of a model that is linear in squares."""
        return self.models[0].voltage_power

    @property
    def n_unknowns(self) -> int:
        """Unknowns of one step."""
        return len(self.models[0].fixed)

    def __call__(self, u: FloatArray) -> FloatArray:
        """|V|^power at decisions u, (step, point) [pu^power]."""
        p_kw, q_kvar = self.decisions.consumption(self.problem, u)
        shape = (self.problem.n_steps, len(self._points))
        value = np.empty(shape)
        for steps, model in self._steps_by_model():
            answer = model.evaluate_devices(p_kw[steps], q_kvar[steps])
            at_all_points = model.voltage(answer.x)
            value[steps] = at_all_points[:, self._points]
        return value

    @cached_property
    def sweeps(self) -> tuple[Sweep, ...]:
        """The equations of all steps."""
        sweeps = tuple(sweep(model) for model in self.models)
        if len(sweeps) == 1:
            sweeps = sweeps * self.problem.n_steps
        return sweeps

    @cached_property
    def drive(self) -> sparse.csr_array:
        """What moves the equations, (step x equation, decision) [pu per pu of u]."""
        p_map, _, q_map, _ = self.decisions.device_maps(self.problem)
        by_kw = self._of_all_steps(lambda model: model.devices.by_kw)
        by_kvar = self._of_all_steps(lambda model: model.devices.by_kvar)
        orders = [step.order for step in self.sweeps]
        order = down_the_diagonal(orders)
        by_p = by_kw @ p_map
        by_q = by_kvar @ q_map
        moved_by = (by_p + by_q) * S_BASE_KVA
        return sparse.csr_array(order @ moved_by)

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """Voltages at the points by the unknowns, (step x point, step x unknown)."""
        return self._of_all_steps(
            lambda model: sparse.csr_array(model.voltage.matrix[self._points])
        )

    def _of_all_steps(
        self, part: Callable[[LinearModel], sparse.csr_array]
    ) -> sparse.csr_array:
        """A part of each step's model, steps down the diagonal."""
        parts = [part(model) for model in self.models]
        if len(parts) == 1:
            parts = parts * self.problem.n_steps
        return down_the_diagonal(parts)

    @cached_property
    def _points(self) -> IntArray:
        """Where the problem's points stand among those of the models."""
        # a linear model gives every point of the feeder, the problem limits some of them
        all_names = self.models[0].points.names
        position = {name: k for k, name in enumerate(all_names)}
        names = self.problem.limits.points.names
        places = [position[name] for name in names]
        return np.array(places, dtype=int)

    def _steps_by_model(self) -> list[tuple[slice, LinearModel]]:
        if len(self.models) == 1:
            return [(slice(None), self.models[0])]
        parts = []
        for step, model in enumerate(self.models):
            rows = slice(step, step + 1)
            parts.append((rows, model))
        return parts


def by_model(problem: Problem, decisions: Decisions, name: LinearModelName) -> Voltages:
    """Voltages by LinDistFlow or LPF.

    Raises:
        InputError: if the model does not take the feeder.
    """
    make = {"lindistflow": lindistflow, "lpf": lpf}[name]
    model = make(
        problem.network,
        source_pu=problem.setting.source_pu[None, :],
        **problem.positions,
    )
    return Voltages(problem, decisions, (model,), f"by {name}")


def around(replay: Replay, decisions: Decisions) -> Voltages:
    """Voltages to first order around an AC solution."""
    steps = range(replay.problem.n_steps)
    points = replay.problem.limits.points
    models = tuple(tangent_model(replay.solution, step, points) for step in steps)
    return Voltages(
        replay.problem, decisions, models, "around the AC solution of the round before"
    )
