"""The two forms of `dso33` in JAX: the same numbers as the tasks, to what the tolerance of their power flow leaves open.

What the forms share is `CompiledFlexibleLoads`; as in `base.py` a form says what a wish becomes, what it is paid and charged, and
which time of day it shows. The rules of devices are those of `devices/rebound_load`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy import sparse

from tieline.devices.rebound_load import Reduction
from tieline.envs.compiled.draws import first_uniform
from tieline.envs.compiled.rebound import (
    kvar_per_kw,
    next_owed_kw,
    possible_reduction,
    returned_now_kw,
)
from tieline.envs.compiled.task import CompiledOutcome
from tieline.envs.flexible_loads.as_published import PublishedDso33Task
from tieline.envs.flexible_loads.base import FlexibleLoadsTask
from tieline.envs.flexible_loads.task import Dso33Task
from tieline.envs.rebound_entries import rebound_entries
from tieline.envs.substation_days.series import STEP_H
from tieline.envs.voltage_band import ROUNDING_PU
from tieline.powerflow.dense import DenseAnswer, DensePowerFlow
from tieline.units import S_BASE_KVA


class CompiledState(NamedTuple):
    """`FlexibleLoadsState`, and where the next power flow starts, `across_pu` (episode, 2 port)."""

    day: Any
    step: Any
    v_pu: Any
    line_kw: Any
    line_kvar: Any
    curtailed_kw: Any
    shifted_kw: Any
    returned_kw: Any
    owed_kw: Any
    across_pu: Any


class CompiledEffect(NamedTuple):
    """What a power flow shows: `v_pu` (episode, point), `line_kw` and `line_kvar` (episode, line), `loss_kw` (episode,)."""

    v_pu: Any
    line_kw: Any
    line_kvar: Any
    loss_kw: Any


class CompiledFlexibleLoads(ABC):
    """A `CompiledTask` of flexible loads."""

    def __init__(self, task: FlexibleLoadsTask):
        self.task = task
        model = task.model
        network = model.network
        load_kw, load_kvar = model.loads(task.days.shape.mean(axis=(0, 1)))
        # in the middle of what the days ask for, where iterations converge fastest
        self.flow = DensePowerFlow(network, load_kw=load_kw, load_kvar=load_kvar)
        ends = model.line_ends
        at_ends = network.terminals.node[ends]
        every_node = sparse.csr_array(sparse.eye_array(network.n_nodes))
        self._voltages = self.flow.phasors(model.points.across(network.n_nodes))
        self._end_voltages = self.flow.phasors(every_node[at_ends])
        self._end_currents = self.flow.terminal_currents(ends)
        self._first = self._first_states()

    @property
    def n_ports(self) -> int:
        """Places where current is reduction."""
        return self.flow.ports.count

    @abstractmethod
    def give_way(self, state: CompiledState, actions: Any, load_kw: Any) -> Reduction:
        """What devices take off their loads; `load_kw` is the load at each, (episode, device)."""

    @abstractmethod
    def day_angle(self, state: CompiledState) -> Any:
        """The time of day that is shown, 2 pi for all of it, (episode,)."""

    @abstractmethod
    def terms_of(self, effect: CompiledEffect, reduction: Reduction) -> Any:
        """Value of each reward term, (episode, term)."""

    def start(self, seeds: Any) -> CompiledState:
        """The first step of a day per seed."""
        day = (first_uniform(seeds) * self.task.days.n_days).astype(jnp.int64)
        # what an episode begins with depends on its day alone, and is looked up
        return jax.tree.map(lambda table: jnp.asarray(table)[day], self._first)

    def observe(self, state: CompiledState) -> Any:
        """As `FlexibleLoadsTask.observe`, (episode, observation)."""
        load_kw, load_kvar = self._loads(state)
        view = self.task.view
        device_entries = rebound_entries(
            self.task.devices,
            state.curtailed_kw,
            state.shifted_kw,
            state.returned_kw,
            state.owed_kw,
            xp=jnp,
        )
        return view.see(
            state.v_pu,
            state.line_kw,
            state.line_kvar,
            load_kw,
            load_kvar,
            self.day_angle(state),
            device_entries,
            xp=jnp,
        )

    def advance(self, state: CompiledState, actions: Any) -> CompiledOutcome:
        """As `FlexibleLoadsTask.advance`."""
        load_kw, load_kvar = self._loads(state)
        at_device = self.task.model.device_load
        reduction = self.give_way(state, actions, load_kw[:, at_device])
        returned_kw = returned_now_kw(state.owed_kw)
        change_kw = returned_kw - reduction.curtailed_kw - reduction.shifted_kw
        follows = kvar_per_kw(
            self.task.devices, load_kw[:, at_device], load_kvar[:, at_device]
        )
        load_kvar = load_kvar.at[:, at_device].add(follows * change_kw)
        load_kw = load_kw.at[:, at_device].add(change_kw)
        answer = self.flow.solve(load_kw, load_kvar, start_pu=state.across_pu)
        effect = self._see(answer)
        after = self._after(state, answer, effect, reduction, returned_kw)
        return CompiledOutcome(
            state=after,
            terms=self.terms_of(effect, reduction),
            costs=self._points_outside(effect.v_pu)[:, None],
            terminated=jnp.zeros(len(actions), dtype=bool),
            truncated=after.step == self.task.days.n_steps,
            solved=answer.solved,
        )

    def outside_pu(self, v_pu: Any) -> Any:
        """How far each voltage is outside the limits, (episode, point) [pu]; 0 inside."""
        lowest, highest = self.task.limits_pu
        return jnp.maximum(jnp.maximum(lowest - v_pu, v_pu - highest), 0.0)

    def _points_outside(self, v_pu: Any) -> Any:
        is_outside = self.outside_pu(v_pu) > ROUNDING_PU
        return is_outside.sum(axis=1).astype(jnp.float64)

    def _loads(self, state: CompiledState) -> tuple[Any, Any]:
        """P and Q of all loads in this step before anything is done, (episode, load) [kW, kvar]."""
        model = self.task.model
        shape = jnp.asarray(self.task.days.shape)[state.day, state.step]
        of_load = shape[:, model.zone]
        return of_load * model.nominal_kw, of_load * model.nominal_kvar

    def _see(self, answer: DenseAnswer) -> CompiledEffect:
        current_pu = self._end_currents(answer)
        line_kva = self._end_voltages(answer) * jnp.conj(current_pu) * S_BASE_KVA
        return CompiledEffect(
            v_pu=jnp.abs(self._voltages(answer)),
            line_kw=line_kva.real,
            line_kvar=line_kva.imag,
            loss_kw=self.flow.loss_kw(answer),
        )

    def _after(
        self,
        state: CompiledState,
        answer: DenseAnswer,
        effect: CompiledEffect,
        reduction: Reduction,
        returned_kw: Any,
    ) -> CompiledState:
        """Where a step leaves the episode; one without a solution keeps the voltages and flows it had seen before."""
        solved = answer.solved[:, None]
        return CompiledState(
            day=state.day,
            step=state.step + 1,
            v_pu=jnp.where(solved, effect.v_pu, state.v_pu),
            line_kw=jnp.where(solved, effect.line_kw, state.line_kw),
            line_kvar=jnp.where(solved, effect.line_kvar, state.line_kvar),
            curtailed_kw=reduction.curtailed_kw,
            shifted_kw=reduction.shifted_kw,
            returned_kw=returned_kw,
            owed_kw=next_owed_kw(
                self.task.devices, state.owed_kw, reduction.shifted_kw
            ),
            across_pu=answer.across_pu,
        )

    def _begin(self, load_kw: Any, load_kvar: Any) -> tuple[CompiledEffect, Any]:
        """What loads without control lead to, and where the next power flow starts."""
        answer = self.flow.solve(load_kw, load_kvar)
        return self._see(answer), answer.across_pu

    def _first_states(self) -> CompiledState:
        """The first state of every day, (day, ...) each; what is seen of the step before is the first without control."""
        task = self.task
        n_days = task.days.n_days
        no_kw = np.zeros((n_days, len(task.devices.names)))
        owed_kw = np.repeat(task.devices.nothing_owed_kw[None], n_days, axis=0)
        load_kw, load_kvar = task.model.loads(task.days.shape[:, 0])
        with jax.enable_x64(True):
            # as one program: step by step each operation would be compiled alone
            begin = jax.jit(self._begin)(load_kw, load_kvar)
            effect, across_pu = jax.tree.map(np.asarray, begin)
        return CompiledState(
            day=np.arange(n_days),
            step=np.zeros(n_days, dtype=np.int64),
            v_pu=effect.v_pu,
            line_kw=effect.line_kw,
            line_kvar=effect.line_kvar,
            curtailed_kw=no_kw,
            shifted_kw=no_kw,
            returned_kw=no_kw,
            owed_kw=owed_kw,
            across_pu=across_pu,
        )


class CompiledDso33(CompiledFlexibleLoads):
    """`Dso33Task` in JAX."""

    task: Dso33Task

    def give_way(self, state: CompiledState, actions: Any, load_kw: Any) -> Reduction:
        """Shares of the caps, as far as the load has it and a shift comes back before midnight."""
        steps_after = self.task.days.n_steps - 1 - state.step
        shares = (actions[:, 0::2], actions[:, 1::2])
        return possible_reduction(
            self.task.devices, *shares, load_kw, state.owed_kw, steps_after
        )

    def day_angle(self, state: CompiledState) -> Any:
        """Local time."""
        hour = jnp.asarray(self.task.days.hour)[state.day, state.step]
        return hour * (2.0 * np.pi / 24.0)

    def terms_of(self, effect: CompiledEffect, reduction: Reduction) -> Any:
        """Energies of the half hour and distance from the limits, in the order of `terms`."""
        columns = [
            effect.loss_kw * STEP_H,
            reduction.curtailed_kw.sum(axis=1) * STEP_H,
            reduction.shifted_kw.sum(axis=1) * STEP_H,
            self.outside_pu(effect.v_pu).sum(axis=1),
        ]
        return jnp.stack(columns, axis=1)


class CompiledPublishedDso33(CompiledFlexibleLoads):
    """`PublishedDso33Task` in JAX."""

    task: PublishedDso33Task

    def give_way(self, state: CompiledState, actions: Any, load_kw: Any) -> Reduction:
        """Shares of the caps, whatever the load."""
        shares = (actions[:, 0::2], actions[:, 1::2])
        return possible_reduction(
            self.task.devices, *shares, load_kw, state.owed_kw, None
        )

    def day_angle(self, state: CompiledState) -> Any:
        """Time since the window began."""
        return 2.0 * np.pi * state.step / self.task.days.n_steps

    def terms_of(self, effect: CompiledEffect, reduction: Reduction) -> Any:
        """The loss alone."""
        del reduction
        return effect.loss_kw[:, None] / 1e3
