"""`OptimumRule`: the set-points with the best reward of a step, and a bound that no decider passes.

Where no regulator or capacitor acts, what is decided in a step changes nothing later: the best day is a chain of best steps. A
step is an optimal power flow with soft limits, solved as its branch flow relaxation (M. Farivar, S. H. Low, "Branch flow model:
relaxations and convexification", IEEE Trans. Power Systems 28(3), 2013), whose objective is the bound. Its set-points are carried
out on the AC power flow like any other's; what they reach stands beside the bound, and the difference is what is not proven.

It knows load and sun of the step, as every decider does, and the network, which a learned policy does not. Left out: feeders with
phases, loops or controls that act, loads that depend on voltage, and weights of reactive power.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.envs.voltage_control.model import Positions
from tieline.envs.voltage_control.task import VoltageControlState, VoltageControlTask
from tieline.errors import InputError
from tieline.opf.inputs import DerInputs
from tieline.opf.make_problem import make_problem
from tieline.opf.problem import Problem
from tieline.opf.socp.soft import SoftSocp
from tieline.typing import FloatArray

CONSTANT_POWER = (0.0, 0.0, 1.0)
"""ZIP shares of a load whose power does not depend on voltage."""


@dataclass(frozen=True, eq=False)
class OptimalStep:
    """The optimum of a step.

    Attributes:
        share: the action, (episode, inverter).
        bound: no action has a higher reward, (episode,); to the tolerance of the solver.
    """

    share: FloatArray
    bound: FloatArray


class OptimumRule:
    """The best action of each step, as a decider.

    Raises:
        InputError: if the task is one that this optimum is not for; the message says why.
    """

    def __init__(self, task: VoltageControlTask):
        _require_independent_steps(task)
        self.task = task
        # by number of episodes: the structure of a program holds for every step
        self._programs: dict[int, SoftSocp] = {}

    def act(
        self, observation: FloatArray, state: VoltageControlState | None = None
    ) -> FloatArray:
        """The best action of each episode, (episode, inverter)."""
        del observation
        if state is None:
            raise InputError(
                "The optimum needs the state of the episodes: call act(observation, state)."
            )
        return self.solve(state).share

    def solve(self, state: VoltageControlState) -> OptimalStep:
        """The best action of each episode and its bound; raises `NoOptimumError` if the solver gives up."""
        task = self.task
        offered_kw = task.offered_kw(state)
        room_kvar = task.inverters.q_limit_kvar(offered_kw)
        problem = self._problem(state, offered_kw, room_kvar)
        soft = self._program(problem).solve(problem)
        load_kw = problem.steps.load_kw.sum(axis=1)
        # loads and sun are what they are: more bought is more lost
        loss_kw = soft.bought_kw - load_kw + offered_kw.sum(axis=1)
        return OptimalStep(
            share=task.shares_of(state, soft.answer.der_kvar),
            bound=-self._per_kw * loss_kw - soft.paid,
        )

    @property
    def _per_kw(self) -> float:
        """What a kW of loss takes off the reward."""
        task = self.task
        peak_kw = task.model.network.feeder.peak_load_kw
        return task.config.loss_weight * 100.0 / peak_kw

    def _problem(
        self, state: VoltageControlState, p_kw: FloatArray, room_kvar: FloatArray
    ) -> Problem:
        """The steps of all episodes side by side: one program is faster than many."""
        task = self.task
        config = task.config
        devices = task.model.network.devices
        loads = slice(devices.n_loads)
        load_pu = task.days.load_pu[state.day, state.step]
        return make_problem(
            task.model.network,
            price=np.full(len(p_kw), self._per_kw),
            load_kw=load_pu * devices.p_kw[loads],
            load_kvar=load_pu * devices.q_kvar[loads],
            cost=0.0,
            v_min_pu=config.lowest_pu,
            v_max_pu=config.highest_pu,
            branch_limits=(),
            ders=DerInputs(
                p_min_kw=p_kw,
                p_max_kw=p_kw,
                q_min_kvar=-room_kvar,
                q_max_kvar=room_kvar,
            ),
        )

    def _program(self, problem: Problem) -> SoftSocp:
        """The program of as many steps, with the penalty of the task as prices of squared voltages."""
        n_steps = problem.n_steps
        if n_steps not in self._programs:
            config = self.task.config
            n_points = len(self.task.model.points.names)
            per_pu = config.outside_weight * 100.0 / n_points
            below = per_pu / (2.0 * config.lowest_pu)
            above = per_pu / (self._top_pu + config.highest_pu)
            self._programs[n_steps] = SoftSocp(problem, below, above)
        return self._programs[n_steps]

    @cached_property
    def _top_pu(self) -> float:
        """No voltage of any day is higher: all inverters inject what they can, which lifts every one of them [pu]."""
        task = self.task
        days = task.days
        sun_pu = days.sun_pu.reshape(-1, 1)
        p_kw = task.inverters.available_kw(sun_pu)
        load_pu = days.load_pu.reshape(len(p_kw), -1)
        at_rest = task.model.positions
        positions = Positions(
            np.repeat(at_rest.tap, len(p_kw), axis=0),
            np.repeat(at_rest.capacitor_steps, len(p_kw), axis=0),
        )
        most_kvar = task.inverters.q_limit_kvar(p_kw)
        effect = task.model.effect(load_pu, p_kw, most_kvar, positions)
        return float(np.nanmax(effect.v_pu))


def _require_independent_steps(task: VoltageControlTask) -> None:
    """Raise `InputError` for a task whose steps are more than a loss and a distance from the band."""
    feeder_name = task.feeder_name
    if task.controls_act:
        raise InputError(
            f"Regulators or capacitors of '{feeder_name}' act, so that a step changes the next. Ask for the task with "
            "controls='off'."
        )
    config = task.config
    if config.reactive_weight or config.tap_weight:
        raise InputError(
            "The proven optimum knows losses and voltages alone. Set reactive_weight and tap_weight to 0."
        )
    devices = task.model.network.devices
    of_loads = devices.device < devices.n_loads
    shares = np.column_stack([devices.zip_p, devices.zip_q])[of_loads]
    depends = devices.is_exponential[of_loads] | (shares != 2 * CONSTANT_POWER).any(1)
    if depends.any():
        raise InputError(
            f"Loads of '{feeder_name}' depend on voltage, so that power bought less load is no longer loss. The proven optimum "
            "is for feeders whose loads have constant power."
        )
