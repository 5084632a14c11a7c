"""`FeederModel`: what loads of each step do to voltages, flows and losses, by the AC power flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.envs.flexible_loads.definition import Definition
from tieline.feeders.elements import Line
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
        lines: names of the lines in service.
        line_ends, line_begins: terminals at their first ends, and where those of each line begin among them, (line,).
        zone: of each load, (load,).
        nominal_kw, nominal_kvar: loads at a shape of 1, (load,).
        device_load: the load of each flexible load, (device,).
        tap: where regulators rest at these loads, one row.
    """

    network: Network
    solver: Solver
    points: VoltagePoints
    lines: tuple[str, ...]
    line_ends: IntArray
    line_begins: IntArray
    zone: IntArray
    nominal_kw: FloatArray
    nominal_kvar: FloatArray
    device_load: IntArray
    tap: IntArray

    @classmethod
    def of(cls, definition: Definition) -> FeederModel:
        """The model of a definition."""
        feeder = definition.make_feeder()
        network = Network.from_feeder(feeder)
        at_rest = solve(network)
        in_service = [line for line in feeder.lines if line.closed]
        line_ends, line_begins = _first_ends(network, in_service)
        load_buses = [load.bus for load in feeder.loads]
        zones = [definition.zone_of(bus) for bus in load_buses]
        device_load = [load_buses.index(bus) for bus in definition.devices.cap_kw]
        return cls(
            network=network,
            solver=network.solver(),
            points=live_voltage_points(network, at_rest.v_pu),
            lines=tuple(line.name for line in in_service),
            line_ends=line_ends,
            line_begins=line_begins,
            zone=np.array(zones),
            nominal_kw=np.array([load.p_kw for load in feeder.loads]),
            nominal_kvar=np.array([load.q_kvar for load in feeder.loads]),
            device_load=np.array(device_load),
            tap=at_rest.taps,
        )

    def loads(self, shape: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P and Q of all loads without flexibility, (..., load) [kW, kvar], from the shapes of the zones, (..., zone)."""
        of_load = shape[..., self.zone]
        return of_load * self.nominal_kw, of_load * self.nominal_kvar

    def effect(
        self, load_kw: FloatArray, load_kvar: FloatArray, tap: IntArray | None = None
    ) -> Effect:
        """Solve the power flow of each episode.

        Args:
            load_kw, load_kvar: what the loads take, (episode, load).
            tap: where regulators start from, (episode, regulator); None where there is none.
        """
        solution = self.solver.solve(load_kw=load_kw, load_kvar=load_kvar, taps=tap)
        at_ends = solution.terminal_kva[:, self.line_ends]
        return Effect(
            v_pu=self.points.magnitude_pu(solution.v_pu),
            line_kw=np.add.reduceat(at_ends.real, self.line_begins, axis=1),
            line_kvar=np.add.reduceat(at_ends.imag, self.line_begins, axis=1),
            loss_kw=solution.loss_kw,
            solved=solution.converged,
            solution=solution,
        )


def _first_ends(network: Network, lines: Sequence[Line]) -> tuple[IntArray, IntArray]:
    """Terminals at the first ends of lines, one after the other, and where those of each line begin among them."""
    terminals = []
    begins = []
    for line in lines:
        element = network.elements.index(("line", line.name))
        # terminals stand element by element, those of the first end first
        first = int(np.searchsorted(network.terminals.element, element))
        begins.append(len(terminals))
        terminals += range(first, first + len(line.from_nodes))
    return np.array(terminals), np.array(begins)
