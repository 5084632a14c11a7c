"""`Voltages`: voltages at a problem's points as linear functions of the decisions, by a linear model or around an AC solution.

The models stay sparse: all voltages at given decisions are one solve a step, and the weights of the decisions in one voltage one
more, so only the voltages that come near their limits are ever worked out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from tieline.linear import LinearModel, lindistflow, lpf, tangent_model
from tieline.opf.decisions import Decisions
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

    def __call__(self, u: FloatArray) -> FloatArray:
        """|V|^power at decisions u, (step, point) [pu^power]."""
        p_kw, q_kvar = self.decisions.consumption(self.problem, u)
        value = np.empty((self.problem.n_steps, len(self._points)))
        for steps, model in self._steps_by_model():
            answer = model.evaluate_devices(p_kw[steps], q_kvar[steps])
            value[steps] = model.voltage(answer.x)[:, self._points]
        return value

    def slopes(self, step: int, points: IntArray) -> FloatArray:
        """Weights of the step's columns (`Decisions.network_columns`) in some voltages, (point, column) [pu^power per pu]."""
        model = self.models[min(step, len(self.models) - 1)]
        steps = self.problem.steps
        n_loads = self.problem.n_loads
        flexible = self.decisions.flexible
        by_kw, by_kvar = model.device_slopes("voltage", self._points[points])
        by_share = by_kw[:, flexible] * steps.load_kw[step, flexible]
        by_share += by_kvar[:, flexible] * steps.load_kvar[step, flexible]
        # Slopes are by consumption, and a DER injects.
        injected = np.hstack([by_kw[:, n_loads:], by_kvar[:, n_loads:]]) * -S_BASE_KVA
        return np.hstack([injected, by_share])

    @cached_property
    def _points(self) -> IntArray:
        """Where the problem's points stand among those of the models."""
        position = {name: k for k, name in enumerate(self.models[0].points.names)}
        return np.array(
            [position[name] for name in self.problem.limits.points.names], dtype=int
        )

    def _steps_by_model(self) -> list[tuple[slice, LinearModel]]:
        if len(self.models) == 1:
            return [(slice(None), self.models[0])]
        return [(slice(t, t + 1), model) for t, model in enumerate(self.models)]


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
