"""`VoltageModel`: what the reactive power of a feeder's PV inverters does to voltages and losses, by the AC power flow.

Active power is what the sun gives: nothing is curtailed. Regulators and capacitor controls start each step from where the last
one left them, as they do in the field. DERs that are not PV stay at the feeder's snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tieline.devices import PvInverters
from tieline.envs.voltage_control.config import VoltageControlEnvConfig
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.asked import asked_feeder
from tieline.feeders.elements import Pv
from tieline.network import Network
from tieline.network.attach import with_pv_at
from tieline.network.devices import der_rows
from tieline.network.voltage_points import VoltagePoints, live_voltage_points
from tieline.powerflow import Solution, Solver, solve, with_fixed_q
from tieline.powerflow.options import Controls
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Positions:
    """Where controls stand: `tap` (episode, regulator), and steps in, `capacitor_steps` (episode, capacitor)."""

    tap: IntArray
    capacitor_steps: FloatArray


@dataclass(frozen=True, eq=False)
class Effect:
    """What set-points lead to.

    Attributes:
        v_pu: voltage magnitudes, (episode, point) [pu].
        loss_kw: of lines and transformers, (episode,).
        positions: where the controls come to rest.
        solved: whether the power flow has a solution, (episode,); elsewhere NaN.
        solution: the rest.
    """

    v_pu: FloatArray
    loss_kw: FloatArray
    positions: Positions
    solved: BoolArray
    solution: Solution


@dataclass(frozen=True, eq=False)
class VoltageModel:
    """A feeder with its PV inverters.

    Attributes:
        network: the feeder, with the PV systems that were added.
        inverters: ratings of all its PV systems, own ones first.
        points: live voltages.
        terminals: which of the points are at the terminals of each inverter, per inverter.
        controls: whether regulators and capacitors act.
        positions: of the controls in the feeder at rest, one row.
    """

    network: Network
    inverters: PvInverters
    points: VoltagePoints
    terminals: tuple[IntArray, ...]
    controls: Controls
    positions: Positions

    @classmethod
    def of(
        cls, config: VoltageControlEnvConfig, feeder: Feeder | None = None
    ) -> VoltageModel:
        """The model of a configuration; `feeder` spares reading it.

        Raises:
            InputError, FeederError: if the feeder cannot be used, or has no PV and no place for it.
            NotConvergedError: if the feeder has no solution without sun.
        """
        nominal = feeder or asked_feeder(config.feeder, config.load_model)
        bare_feeder = with_fixed_q(nominal)
        network = Network.from_feeder(with_inverters(bare_feeder, config))
        # without sun: it shows which points carry voltage, and where the controls stand when a day begins
        at_night = solve(network, controls=config.controls)
        live = live_voltage_points(network, at_night.v_pu)
        pvs = network.feeder.pvs
        positions = Positions(at_night.taps, at_night.capacitor_steps)
        terminals = tuple(_points_of(pv, network, live) for pv in pvs)
        return cls(
            network, PvInverters.of(pvs), live, terminals, config.controls, positions
        )

    def effect(
        self,
        load_pu: FloatArray,
        p_kw: FloatArray,
        q_kvar: FloatArray,
        positions: Positions,
    ) -> Effect:
        """Solve the power flow of each episode.

        Args:
            load_pu: share of each load's nominal power, (episode, load).
            p_kw, q_kvar: injection of each inverter, (episode, inverter).
            positions: where the controls start from.
        """
        devices = self.network.devices
        # a network lists its PV before its other DERs
        pvs = slice(len(self.inverters.names))
        solution = self.solver.solve(
            load_scale=load_pu,
            der_kw=der_rows(devices.der_kw, pvs, p_kw),
            der_kvar=der_rows(devices.der_kvar, pvs, q_kvar),
            **self._start_of_controls(positions),
        )
        steps = np.broadcast_to(
            solution.capacitor_steps, positions.capacitor_steps.shape
        )
        v_pu = self.points.magnitude_pu(solution.v_pu)
        return Effect(
            v_pu,
            solution.loss_kw,
            Positions(solution.taps, steps),
            solution.converged,
            solution,
        )

    @cached_property
    def solver(self) -> Solver:
        """The power flow of every step."""
        return self.network.solver(controls=self.controls)

    def at_terminals(self, v_pu: FloatArray) -> FloatArray:
        """Mean voltage of the phases of each inverter, from those of all points, (episode, inverter) [pu]."""
        means = []
        for points in self.terminals:
            at_inverter = v_pu[:, points]
            means.append(at_inverter.mean(axis=1))
        return np.stack(means, axis=1)

    @property
    def all_tap_steps(self) -> float:
        """Tap steps from one end of every regulator to the other, together."""
        table = self.network.regulators
        return float((table.highest_tap - table.lowest_tap).sum())

    def _start_of_controls(self, positions: Positions) -> dict[str, Any]:
        """Only what the feeder controls: positions that differ between episodes cost a factorisation each."""
        feeder = self.network.feeder
        start = {}
        if self.controls == "feeder" and feeder.regulators:
            start["taps"] = positions.tap
        if self.controls == "feeder" and feeder.capacitor_controls:
            start["capacitor_steps"] = positions.capacitor_steps
        return start


def with_inverters(feeder: Feeder, config: VoltageControlEnvConfig) -> Feeder:
    """The feeder with the PV systems of the configuration beside its own."""
    places = config.pv_at or _largest_loads(feeder, config.pv_count)
    if not places and not feeder.pvs:
        raise InputError(
            f"Feeder '{feeder.name}' has no PV system. Give pv_at, or a pv_count above 0 if it has loads."
        )
    if not places:
        return feeder
    rated_kw = config.penetration_pct / 100.0 * feeder.peak_load_kw / len(places)
    return with_pv_at(
        feeder,
        places,
        [rated_kw] * len(places),
        [rated_kw * config.inverter_pct / 100.0] * len(places),
    )


def _largest_loads(feeder: Feeder, count: int) -> tuple[str, ...]:
    """Buses with the largest loads, at most `count`; of equal ones the first."""
    load_kw: dict[str, float] = {}
    for load in feeder.loads:
        load_kw[load.bus] = load_kw.get(load.bus, 0.0) + load.p_kw
    # sorting is stable: of equal loads the first stays first
    largest_first = sorted(load_kw, key=lambda bus: -load_kw[bus])
    return tuple(largest_first[:count])


def _points_of(pv: Pv, network: Network, points: VoltagePoints) -> IntArray:
    """Voltages at the terminals of a PV system."""
    nodes = [network.node_index[f"{pv.bus}.{node}"] for node in pv.nodes if node != 0]
    begins_there = np.isin(points.plus, nodes)
    ends_there = (points.minus < 0) | np.isin(points.minus, nodes)
    terminals = np.flatnonzero(begins_there & ends_there)
    if len(terminals) == 0:
        raise InputError(
            f"PV system '{pv.name}' is at bus '{pv.bus}', which has no voltage. Connect the bus or move the system."
        )
    return terminals
