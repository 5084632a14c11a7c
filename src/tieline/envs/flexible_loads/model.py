"""`FeederModel`: what loads of each step do to voltages, flows and losses, by the AC power flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.envs.flexible_loads.definition import Definition
from tieline.network import Network
from tieline.network.voltage_points import VoltagePoints, live_voltage_points
from tieline.powerflow import Solution, Solver, solve
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Effect:
    """What loads lead to; NaN where there is no solution.

    Attributes:
        v_pu: voltage magnitudes, (episode, point) [pu].
        line_kw, line_kvar: into the first end of each line in service, (episode, line).
        loss_kw: of all lines, (episode,).
        solved: whether the power flow has a solution, (episode,).
        solution: the rest.
    """

    v_pu: FloatArray
    line_kw: FloatArray
    line_kvar: FloatArray
    loss_kw: FloatArray
    solved: BoolArray
    solution: Solution


@dataclass(frozen=True, eq=False)
class FeederModel:
    """A feeder whose loads follow the shapes of its zones.

    Attributes:
        network: the feeder.
        solver: its power flow.
        points: live voltages.
        lines: names of the lines in service, and `line_ends`, the terminal at the first end of each, (line,).
        zone: of each load, (load,).
        nominal_kw, nominal_kvar: loads at a shape of 1, (load,).
        device_load: the load of each flexible load, (device,).
    """

    network: Network
    solver: Solver
    points: VoltagePoints
    lines: tuple[str, ...]
    line_ends: IntArray
    zone: IntArray
    nominal_kw: FloatArray
    nominal_kvar: FloatArray
    device_load: IntArray

    @classmethod
    def of(cls, definition: Definition) -> FeederModel:
        """The model of a definition."""
        feeder = definition.make_feeder()
        network = Network.from_feeder(feeder)
        at_rest = solve(network)
        in_service = [line.name for line in feeder.lines if line.closed]
        load_buses = [load.bus for load in feeder.loads]
        zones = [_zone_of(bus, definition) for bus in load_buses]
        device_load = [load_buses.index(bus) for bus in definition.devices.cap_kw]
        return cls(
            network=network,
            solver=network.solver(),
            points=live_voltage_points(network, at_rest.v_pu),
            lines=tuple(in_service),
            line_ends=_first_ends(network, in_service),
            zone=np.array(zones),
            nominal_kw=np.array([load.p_kw for load in feeder.loads]),
            nominal_kvar=np.array([load.q_kvar for load in feeder.loads]),
            device_load=np.array(device_load),
        )

    def loads(self, shape: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P and Q of all loads without flexibility, (..., load) [kW, kvar], from the shapes of the zones, (..., zone)."""
        of_load = shape[..., self.zone]
        return of_load * self.nominal_kw, of_load * self.nominal_kvar

    def effect(self, load_kw: FloatArray, load_kvar: FloatArray) -> Effect:
        """Solve the power flow of each episode.

        Args:
            load_kw, load_kvar: what the loads take, (episode, load).
        """
        solution = self.solver.solve(load_kw=load_kw, load_kvar=load_kvar)
        line_kva = solution.terminal_kva[:, self.line_ends]
        return Effect(
            v_pu=self.points.magnitude_pu(solution.v_pu),
            line_kw=line_kva.real,
            line_kvar=line_kva.imag,
            loss_kw=solution.loss_kw,
            solved=solution.converged,
            solution=solution,
        )


def _zone_of(bus: str, definition: Definition) -> int:
    is_in = [bus in buses for buses in definition.zone_buses.values()]
    return is_in.index(True)


def _first_ends(network: Network, lines: Sequence[str]) -> IntArray:
    """The terminal at the first end of each line, (line,); of a single-phase equivalent, which has one there."""
    elements = [network.elements.index(("line", name)) for name in lines]
    # terminals stand element by element, first end first
    return np.searchsorted(network.terminals.element, elements)
