"""`CompiledVoltageControl`: the voltage-control task in JAX, the same numbers to 1e-9, held by a test over random days.

Regulators and capacitors are held as the day begins: where they act, the task cannot be compiled.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tieline.envs.compiled.draws import first_uniform
from tieline.envs.compiled.task import CompiledOutcome
from tieline.envs.voltage_control.task import VOLTAGE_SCALE_PU, VoltageControlTask
from tieline.errors import InputError
from tieline.powerflow.dense import DenseAnswer, DensePowerFlow


class CompiledState(NamedTuple):
    """`VoltageControlState` without controls, and where the next power flow starts, `across_pu` (episode, 2 port)."""

    day: Any
    step: Any
    v_pu: Any
    q_kvar: Any
    across_pu: Any


class CompiledVoltageControl:
    """A `CompiledTask`.

    Raises:
        InputError: if regulators or capacitors of the feeder act.
    """

    def __init__(self, task: VoltageControlTask):
        if task.controls_act:
            raise InputError(
                f"Task '{task.name}' on feeder '{task.feeder_name}' cannot be compiled: its regulators or capacitor controls "
                "act. Hold them (controls='off'), or step it by BatchedEnv."
            )
        self.task = task
        self._network = task.model.network
        positions = task.model.positions
        self.flow = DensePowerFlow(
            self._network,
            taps=positions.tap[0],
            capacitor_steps=positions.capacitor_steps[0],
            **_mean_powers(task),
        )
        points = task.model.points
        self._voltages = self.flow.phasors(points.across(self._network.n_nodes))
        self._first = self._first_states()

    @property
    def n_ports(self) -> int:
        """Places where current is taken."""
        return self.flow.ports.count

    def start(self, seeds: Any) -> CompiledState:
        """The first step of a day per seed."""
        days = self.task.days
        day = (first_uniform(seeds) * days.n_days).astype(jnp.int64)
        step = jnp.zeros_like(day)
        # what an episode begins with depends on its day alone, and is looked up
        v_pu, q_kvar, across_pu = (jnp.asarray(table)[day] for table in self._first)
        return CompiledState(day, step, v_pu, q_kvar, across_pu)

    def observe(self, state: CompiledState) -> Any:
        """As `VoltageControlTask.observe`, (episode, observation)."""
        kva = self.task.inverters.kva
        days = self.task.days
        hour = jnp.asarray(days.hour)[state.day, state.step]
        angle = hour * (2.0 * np.pi / 24.0)
        parts = (
            self._offered_kw(state) / kva,
            state.q_kvar / kva,
            (state.v_pu - 1.0) / VOLTAGE_SCALE_PU,
            jnp.asarray(days.load_pu)[state.day, state.step],
            jnp.sin(angle)[:, None],
            jnp.cos(angle)[:, None],
        )
        box = self.task.observation
        return jnp.clip(jnp.concatenate(parts, axis=1), box.low, box.high)

    def advance(self, state: CompiledState, actions: Any) -> CompiledOutcome:
        """As `VoltageControlTask.advance`."""
        p_kw = self._offered_kw(state)
        q_kvar = actions * self._q_room_kvar(p_kw)
        answer = self._solve(state, p_kw, q_kvar)
        v_pu = jnp.abs(self._voltages(answer))
        seen_pu = jnp.where(answer.solved[:, None], v_pu, state.v_pu)
        step = state.step + 1
        return CompiledOutcome(
            state=CompiledState(state.day, step, seen_pu, q_kvar, answer.across_pu),
            terms=self._terms(v_pu, self.flow.loss_kw(answer), q_kvar),
            costs=self._costs(v_pu),
            terminated=jnp.zeros(len(step), dtype=bool),
            truncated=step == self.task.days.n_steps,
            solved=answer.solved,
        )

    def _offered_kw(self, state: CompiledState) -> Any:
        inverters = self.task.inverters
        sun_pu = jnp.asarray(self.task.days.sun_pu)[state.day, state.step]
        panel_kw = jnp.maximum(sun_pu, 0.0)[:, None] * inverters.rated_kw
        return jnp.minimum(panel_kw, inverters.kva)

    def _q_room_kvar(self, p_kw: Any) -> Any:
        square = self.task.inverters.kva**2 - p_kw**2
        return jnp.sqrt(jnp.maximum(square, 0.0))

    def _solve(self, state: CompiledState, p_kw: Any, q_kvar: Any) -> DenseAnswer:
        """The power flow of a step; DERs that are not PV stay at the feeder's snapshot."""
        devices = self._network.devices
        load_pu = jnp.asarray(self.task.days.load_pu)[state.day, state.step]
        n_loads = devices.n_loads
        # a network lists its PV before its other DERs
        n_pvs = len(self.task.inverters.names)
        others_kw = jnp.broadcast_to(
            devices.der_kw[n_pvs:], (len(p_kw), len(devices.der_kw) - n_pvs)
        )
        others_kvar = jnp.broadcast_to(devices.der_kvar[n_pvs:], others_kw.shape)
        return self.flow.solve(
            load_pu * devices.p_kw[:n_loads],
            load_pu * devices.q_kvar[:n_loads],
            jnp.concatenate([p_kw, others_kw], axis=1),
            jnp.concatenate([q_kvar, others_kvar], axis=1),
            start_pu=state.across_pu,
        )

    def _terms(self, v_pu: Any, loss_kw: Any, q_kvar: Any) -> Any:
        config = self.task.config
        farther = jnp.maximum(config.lowest_pu - v_pu, v_pu - config.highest_pu)
        outside = jnp.maximum(farther, 0.0).mean(axis=1)
        q_share = jnp.abs(q_kvar / self.task.inverters.kva)
        # in the order of `terms`; no tap moves
        columns = [
            100.0 * loss_kw / self._network.feeder.peak_load_kw,
            100.0 * outside,
            100.0 * q_share.mean(axis=1),
            jnp.zeros_like(loss_kw),
        ]
        return jnp.stack(columns, axis=1)

    def _costs(self, v_pu: Any) -> Any:
        config = self.task.config
        below = config.lowest_pu - v_pu.min(axis=1)
        above = v_pu.max(axis=1) - config.highest_pu
        return jnp.maximum(jnp.stack([below, above], axis=1), 0.0)

    def _at_midnight(self, midnight: CompiledState) -> DenseAnswer:
        """The power flow before anything is decided."""
        return self._solve(midnight, self._offered_kw(midnight), midnight.q_kvar)

    def _first_states(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Voltages at Q = 0, reactive powers and port voltages at the first step of every day, (day, ...)."""
        n_days = self.task.days.n_days
        n_points = len(self.task.model.points.names)
        q_kvar = np.zeros((n_days, len(self.task.inverters.names)))
        with jax.enable_x64(True):
            midnight = CompiledState(
                day=jnp.arange(n_days),
                step=jnp.zeros(n_days, dtype=jnp.int64),
                v_pu=jnp.ones((n_days, n_points)),
                q_kvar=jnp.asarray(q_kvar),
                across_pu=None,
            )
            # as one program: step by step each operation would be compiled alone
            answer = jax.jit(self._at_midnight)(midnight)
            v_pu = jnp.abs(self._voltages(answer))
            # as the task has it: what has no solution at once is seen at 1 pu
            v_pu = jnp.where(answer.solved[:, None], v_pu, 1.0)
            return np.asarray(v_pu), q_kvar, np.asarray(answer.across_pu)


def _mean_powers(task: VoltageControlTask) -> dict[str, Any]:
    """The operating point in the middle of what the days ask for, where iterations converge fastest."""
    days = task.days
    devices = task.model.network.devices
    n_pvs = len(task.inverters.names)
    der_kw = devices.der_kw.copy()
    offered_kw = task.inverters.available_kw(days.sun_pu.reshape(-1, 1))
    der_kw[:n_pvs] = offered_kw.mean(axis=0)
    der_kvar = devices.der_kvar.copy()
    der_kvar[:n_pvs] = 0.0
    return {
        "load_scale": days.load_pu.mean(axis=(0, 1)),
        "der_kw": der_kw,
        "der_kvar": der_kvar,
    }
