"""The two forms of `ders141` in JAX: the same numbers as the tasks, to what the tolerance of their power flow leaves open.

What devices do, what agents see and what is rewarded the forms say themselves, asked with `jax.numpy`; here stand the power flow
and how a state follows from the one before.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tieline.devices.rebound_load import Reduction
from tieline.envs.compiled.draws import first_uniform
from tieline.envs.compiled.rebound import (
    kvar_per_kw,
    next_owed_kw,
    possible_reduction,
    returned_now_kw,
)
from tieline.envs.compiled.task import CompiledOutcome
from tieline.envs.ders.base import DersTask
from tieline.envs.ders.state import SetPoints
from tieline.envs.substation_days.series import STEP_H
from tieline.powerflow.dense import DenseAnswer, DensePowerFlow


class CompiledState(NamedTuple):
    """`DersState`, and where the next power flow starts, `across_pu` (episode, 2 port)."""

    day: Any
    step: Any
    v_pu: Any
    stored_kwh: Any
    battery_kw: Any
    battery_kvar: Any
    sun: Any
    pv_kw: Any
    pv_kvar: Any
    spilled_share: Any
    curtailed_kw: Any
    shifted_kw: Any
    returned_kw: Any
    owed_kw: Any
    across_pu: Any


class CompiledEffect(NamedTuple):
    """What a power flow shows: `v_pu` (episode, point), `loss_kw` (episode,)."""

    v_pu: Any
    loss_kw: Any


class CompiledDers:
    """A `CompiledTask` of batteries, PV and flexible loads."""

    def __init__(self, task: DersTask):
        self.task = task
        model = task.model
        network = model.network
        load_kw, load_kvar = model.loads(task.days.load.mean(keepdims=True)[0])
        self.flow = DensePowerFlow(network, load_kw=load_kw[0], load_kvar=load_kvar[0])
        self._voltages = self.flow.phasors(model.points.across(network.n_nodes))
        self._first = self._first_states()

    @property
    def n_ports(self) -> int:
        """Places where current is taken."""
        return self.flow.ports.count

    def start(self, seeds: Any) -> CompiledState:
        """The first step of a day per seed."""
        day = (first_uniform(seeds) * self.task.days.n_days).astype(jnp.int64)
        # what an episode begins with depends on its day alone, and is looked up
        return jax.tree.map(lambda table: jnp.asarray(table)[day], self._first)

    def observe(self, state: CompiledState) -> Any:
        """As `DersTask.observe`, (episode, observation)."""
        return self.task.seen(state, jnp)  # type: ignore[arg-type] - the same names

    def advance(self, state: CompiledState, actions: Any) -> CompiledOutcome:
        """As `DersTask.advance`."""
        task = self.task
        at_device = task.model.flexible_load
        load_kw, load_kvar = self._loads(state)
        reduction = self._reduction(state, actions, load_kw[:, at_device])
        points = task.points_beside(reduction, state, actions, jnp)  # type: ignore[arg-type]
        returned_kw = returned_now_kw(state.owed_kw)
        change_kw = returned_kw - reduction.curtailed_kw - reduction.shifted_kw
        follows = kvar_per_kw(
            task.flexible_loads, load_kw[:, at_device], load_kvar[:, at_device]
        )
        load_kvar = load_kvar.at[:, at_device].add(follows * change_kw)
        load_kw = load_kw.at[:, at_device].add(change_kw)
        answer = self._solve(load_kw, load_kvar, points, state.across_pu)
        effect = self._see(answer)
        after = self._after(state, answer, effect, points, returned_kw)
        return CompiledOutcome(
            state=after,
            terms=task.terms_of(state, after, points, effect, jnp),  # type: ignore[arg-type]
            costs=task.costs_of(points, effect, jnp),  # type: ignore[arg-type]
            terminated=jnp.zeros(len(actions), dtype=bool),
            truncated=after.step == task.days.n_steps,
            solved=answer.solved,
        )

    def _loads(self, state: CompiledState) -> tuple[Any, Any]:
        """P and Q of all loads in this step before anything is done, (episode, load) [kW, kvar]."""
        share: Any = jnp.asarray(self.task.days.load)[state.day, state.step]
        return self.task.model.loads(share)

    def _reduction(self, state: CompiledState, actions: Any, load_kw: Any) -> Reduction:
        """As `DersTask.reduction`."""
        task = self.task
        _, _, flexible = task.of_kind(actions)
        steps_after = task.days.n_steps - 1 - state.step
        return possible_reduction(
            task.flexible_loads,
            flexible[..., 0],
            flexible[..., 1],
            load_kw,
            state.owed_kw,
            steps_after if task.closes_within_episode else None,
        )

    def _solve(
        self, load_kw: Any, load_kvar: Any, points: SetPoints, across_pu: Any
    ) -> DenseAnswer:
        # a network lists its PV before its storages
        return self.flow.solve(
            load_kw,
            load_kvar,
            jnp.hstack([points.pv_kw, points.battery_kw]),
            jnp.hstack([points.pv_kvar, points.battery_kvar]),
            start_pu=across_pu,
        )

    def _see(self, answer: DenseAnswer) -> CompiledEffect:
        return CompiledEffect(
            v_pu=jnp.abs(self._voltages(answer)), loss_kw=self.flow.loss_kw(answer)
        )

    def _after(
        self,
        state: CompiledState,
        answer: DenseAnswer,
        effect: CompiledEffect,
        points: SetPoints,
        returned_kw: Any,
    ) -> CompiledState:
        """Where a step leaves the episode; one without a solution keeps the voltages it had seen before."""
        task = self.task
        reduction = points.reduction
        charge_kw = jnp.maximum(-points.battery_kw, 0.0)
        discharge_kw = jnp.maximum(points.battery_kw, 0.0)
        return CompiledState(
            day=state.day,
            step=state.step + 1,
            v_pu=jnp.where(answer.solved[:, None], effect.v_pu, state.v_pu),
            stored_kwh=task.model.batteries.next_stored_kwh(
                state.stored_kwh, charge_kw, discharge_kw, STEP_H, jnp
            ),
            battery_kw=points.battery_kw,
            battery_kvar=points.battery_kvar,
            sun=jnp.asarray(task.days.sun)[state.day, state.step],
            pv_kw=points.pv_kw,
            pv_kvar=points.pv_kvar,
            spilled_share=points.spilled_share,
            curtailed_kw=reduction.curtailed_kw,
            shifted_kw=reduction.shifted_kw,
            returned_kw=returned_kw,
            owed_kw=next_owed_kw(
                task.flexible_loads, state.owed_kw, reduction.shifted_kw
            ),
            across_pu=answer.across_pu,
        )

    def _first_states(self) -> CompiledState:
        """The first state of every day, (day, ...) each; power flows start where all devices are idle."""
        task = self.task
        first = task.start_of(np.arange(task.days.n_days))
        with jax.enable_x64(True):
            # as one program: step by step each operation would be compiled alone
            across_pu = np.asarray(jax.jit(self._idle_across_pu)(first.pv_kw))
        return CompiledState(**vars(first), across_pu=across_pu)

    def _idle_across_pu(self, pv_kw: Any) -> Any:
        """`across_pu` of the first step of every day, with all devices idle."""
        share: Any = jnp.asarray(self.task.days.load[:, 0])
        load_kw, load_kvar = self.task.model.loads(share)
        n_batteries = len(self.task.model.batteries.names)
        no_kw = jnp.zeros((len(pv_kw), n_batteries))
        der_kw = jnp.hstack([pv_kw, no_kw])
        answer = self.flow.solve(load_kw, load_kvar, der_kw, jnp.zeros_like(der_kw))
        return answer.across_pu
