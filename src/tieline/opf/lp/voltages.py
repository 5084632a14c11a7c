"""`Voltages`: the network's equations and voltages as linear in the decisions, by a linear model or around an AC solution.

With the decisions u moved from u_0 the unknowns of each step's model move by dx:

    system dx = driven (u - u_0),      |V|^power = |V|_0^power + voltage dx

Both stay sparse. `forms` says how the equations stand in the program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import SuperLU

from tieline.linear import lindistflow, lpf
from tieline.linear.blocks import down_the_diagonal
from tieline.linear.tangent_model import tangent_voltages
from tieline.linear.voltage_model import VoltageModel
from tieline.opf.decisions import Decisions
from tieline.opf.lp.sweep import Sweep, factorise, sweep
from tieline.opf.problem import Problem
from tieline.opf.replay import Replay
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

LinearModelName = Literal["lindistflow", "lpf"]

Part = TypeVar("Part")


@dataclass(frozen=True, eq=False)
class Voltages:
    """|V|^power at the problem's points, linear in u.

    Attributes:
        problem, decisions: what u stands for.
        models: one for all steps, or one for each.
        source: what the voltages are linear by, in words.
        v_pu: complex voltages of the AC solution that the models are built around, (step, node) [pu]; None if there is none.
    """

    problem: Problem
    decisions: Decisions
    models: tuple[VoltageModel, ...]
    source: str
    v_pu: ComplexArray | None = None

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
        value = np.empty((self.problem.n_steps, len(self._points)))
        for step in range(self.problem.n_steps):
            model = self._at(self.models, step)
            driven = model.devices.by_kw @ p_kw[step]
            driven += model.devices.by_kvar @ q_kvar[step]
            x = self._at(self.factors, step).solve(model.fixed + driven)
            at_all_points = model.voltage(x[None, :])
            value[step] = at_all_points[0, self._points]
        return value

    @cached_property
    def factors(self) -> tuple[SuperLU, ...]:
        """The equations factorised, one for each model."""
        return tuple(factorise(model.system) for model in self.models)

    @cached_property
    def sweeps(self) -> tuple[Sweep, ...]:
        """The equations of all steps."""
        sweeps = tuple(sweep(factors) for factors in self.factors)
        return self._of_every_step(sweeps)

    @cached_property
    def driven(self) -> sparse.csr_array:
        """What moves the equations, in the order of the models, (step x equation, decision) [pu per pu of u]."""
        p_map, _, q_map, _ = self.decisions.device_maps(self.problem)
        by_kw = self._of_all_steps(lambda model: model.devices.by_kw)
        by_kvar = self._of_all_steps(lambda model: model.devices.by_kvar)
        by_p = by_kw @ p_map
        by_q = by_kvar @ q_map
        return sparse.csr_array((by_p + by_q) * S_BASE_KVA)

    @cached_property
    def drive(self) -> sparse.csr_array:
        """The same in the order of the sweeps."""
        order = down_the_diagonal([step.order for step in self.sweeps])
        return sparse.csr_array(order @ self.driven)

    def moved_pu(self, change: FloatArray) -> ComplexArray | None:
        """Complex voltages after a change of the unknowns, both (step, column); None of a model that has none."""
        if self.v_pu is None:
            return None
        re, im = np.hsplit(change, 2)
        return self.v_pu + re + 1j * im

    def moved_by(self, step: int, columns: IntArray) -> FloatArray:
        """Change of a step's unknowns by some decisions, dense (unknown, column) [pu per pu of u]."""
        right = self._driven_in(step)[:, columns].toarray()
        return self._at(self.factors, step).solve(right)

    def pulled_back(self, step: int, slope: FloatArray) -> FloatArray:
        """Derivative by all decisions of a number whose derivative by a step's unknowns is `slope`, (decision,)."""
        weight = self._at(self.factors, step).solve(slope, "T")
        return np.asarray(self._driven_in(step).T @ weight)

    def _driven_in(self, step: int) -> sparse.csr_array:
        if self.problem.n_steps == 1:
            return self.driven
        first = step * self.n_unknowns
        return sparse.csr_array(self.driven[first : first + self.n_unknowns])

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """Voltages at the points by the unknowns, (step x point, step x unknown)."""
        return self._of_all_steps(
            lambda model: sparse.csr_array(model.voltage.matrix[self._points])
        )

    def _of_all_steps(
        self, part: Callable[[VoltageModel], sparse.csr_array]
    ) -> sparse.csr_array:
        """A part of each step's model, steps down the diagonal."""
        parts = tuple(part(model) for model in self.models)
        return down_the_diagonal(self._of_every_step(parts))

    def _of_every_step(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """What one model has, as often as there are steps."""
        if len(parts) == 1:
            return parts * self.problem.n_steps
        return parts

    def _at(self, parts: tuple[Part, ...], step: int) -> Part:
        """What the model of a step has."""
        return parts[min(step, len(parts) - 1)]

    @cached_property
    def _points(self) -> IntArray:
        """Where the problem's points stand among those of the models."""
        points = self.problem.limits.points
        if self.models[0].points is points:
            return np.arange(len(points.names))
        # a linear model gives every point of the feeder, the problem limits some of them
        all_names = self.models[0].points.names
        position = {name: k for k, name in enumerate(all_names)}
        places = [position[name] for name in points.names]
        return np.array(places, dtype=int)


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
    problem = replay.problem
    solution = replay.solution
    points = problem.limits.points
    models = tuple(
        tangent_voltages(solution, step, points) for step in range(problem.n_steps)
    )
    source = "around the AC solution of the round before"
    return Voltages(problem, decisions, models, source, solution.v_pu)
