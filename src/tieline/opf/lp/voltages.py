"""`Voltages`: voltages at a problem's points as linear functions of the decisions, by a linear model or around an AC solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tieline.linear import lindistflow, lpf
from tieline.opf.decisions import Decisions
from tieline.opf.problem import Problem
from tieline.opf.replay import Replay
from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import all_tangents, tangent
from tieline.typing import ComplexArray, FloatArray
from tieline.units import S_BASE_KVA

LinearModelName = Literal["lindistflow", "lpf"]


@dataclass(frozen=True, eq=False)
class Voltages:
    """|V|^power = constant + slope u, with the columns `Decisions.network_columns` of u.

    Attributes:
        power: 1, or 2 of a model that is linear in squares.
        constant: (step, point) [pu^power].
        slope: (step or 1, point, column) [pu^power per pu].
    """

    power: int
    constant: FloatArray
    slope: FloatArray

    def __call__(self, u: FloatArray) -> FloatArray:
        """|V|^power at decisions (step, column), as (step, point)."""
        return self.constant + (self.slope @ u[:, :, None])[:, :, 0]

    def row(self, step: int, point: int) -> FloatArray:
        """Weights of the step's columns in one voltage, (column,)."""
        return self.slope[min(step, len(self.slope) - 1), point]


def by_model(problem: Problem, decisions: Decisions, name: LinearModelName) -> Voltages:
    """Voltages by LinDistFlow or LPF. Flexible loads weigh by the demand of the first step: the rounds on AC make up for it.

    Raises:
        InputError: if the model does not take the feeder.
    """
    make = {"lindistflow": lindistflow, "lpf": lpf}[name]
    model = make(problem.network, source_pu=problem.setting.source_pu, **problem.positions)
    position = {point: k for k, point in enumerate(model.points.names)}
    mine, flexible = (
        np.array([position[point] for point in problem.limits.points.names]),
        decisions.flexible,
    )
    demand = (
        np.where(problem.flexible.is_flexible, 0.0, power)
        for power in (problem.steps.load_kw, problem.steps.load_kvar)
    )
    idle = np.zeros((problem.n_steps, problem.n_ders))
    load_kw, load_kvar = demand
    v = (
        model.evaluate(load_kw=load_kw, load_kvar=load_kvar, der_kw=idle, der_kvar=idle).vm_pu
        ** model.voltage_power
    )
    by_kw, by_kvar = (
        model.sensitivity("voltage", kind)[mine] * S_BASE_KVA for kind in ("der_kw", "der_kvar")
    )
    of_kw, of_kvar = (
        model.sensitivity("voltage", kind, flexible)[mine] for kind in ("load_kw", "load_kvar")
    )
    by_share = (
        of_kw * problem.steps.load_kw[0, flexible] + of_kvar * problem.steps.load_kvar[0, flexible]
    )
    return Voltages(model.voltage_power, v[:, mine], np.hstack([by_kw, by_kvar, by_share])[None])


def around(here: Replay, decisions: Decisions, u: FloatArray) -> Voltages:
    """Voltages to first order around the AC solution at decisions u."""
    form = here.problem.limits.points.across(here.problem.network.n_nodes)
    across = here.solution.v_pu @ form.T
    slope = np.stack(
        [
            np.real(np.conj(across[t] / np.abs(across[t])) * (change @ form.T)).T
            for t, change in enumerate(_tangents(here.problem, here.solution, decisions))
        ]
    )
    still = Voltages(1, np.zeros(across.shape), slope)
    return Voltages(1, here.vm_pu - still(u[decisions.network_columns]), slope)


def _tangents(problem: Problem, solution: Solution, decisions: Decisions) -> list[ComplexArray]:
    """Change of node voltages by each column of a step, of every step, (column, node) [pu per pu]."""
    by_share = []
    for load in decisions.flexible:
        only = np.arange(problem.steps.load_kw.shape[1]) == load
        by_share.append(
            tangent(
                solution,
                load_kw=problem.steps.load_kw * only,
                load_kvar=problem.steps.load_kvar * only,
            )
        )
    kinds = ("der_kw", "der_kvar")
    by_der = [
        [all_tangents(solution, kind, t) * S_BASE_KVA for kind in kinds]
        for t in range(problem.n_steps)
    ]
    return [
        np.vstack([*of_step, *(change[t] for change in by_share)])
        for t, of_step in enumerate(by_der)
    ]
