"""`DerModel`: what loads and DERs of each step do to voltages and losses, by the AC power flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.devices import Batteries, PvInverters
from tieline.envs.ders.definition import Definition
from tieline.network import Network
from tieline.network.voltage_points import VoltagePoints, live_voltage_points
from tieline.powerflow import Solution, Solver, solve
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Effect:
    """What loads and DERs lead to; NaN where there is no solution.

    Attributes:
        v_pu: voltage magnitudes, (episode, point) [pu].
        loss_kw: of all lines, (episode,).
        solved: whether the power flow has a solution, (episode,).
        solution: the rest.
    """

    v_pu: FloatArray
    loss_kw: FloatArray
    solved: BoolArray
    solution: Solution


@dataclass(frozen=True, eq=False)
class DerModel:
    """A feeder with batteries, PV inverters and flexible loads.

    Attributes:
        network: the feeder.
        solver: its power flow.
        points: live voltages.
        batteries, inverters: their ratings.
        nominal_kw, nominal_kvar: loads at a share of 1, (load,).
        flexible_load: the load of each flexible load, (device,).
        device_buses: of all devices, batteries first, then PV, then flexible loads.
        tap: where regulators rest at nominal loads, one row.
    """

    network: Network
    solver: Solver
    points: VoltagePoints
    batteries: Batteries
    inverters: PvInverters
    nominal_kw: FloatArray
    nominal_kvar: FloatArray
    flexible_load: IntArray
    device_buses: tuple[str, ...]
    tap: IntArray

    @classmethod
    def of(
        cls,
        definition: Definition,
        *,
        kva_as_kw: bool = False,
        pv_factor: float = 1.0,
        kva_factor: float = 1.0,
    ) -> DerModel:
        """The model of a definition; arguments as of `Definition.make_feeder`."""
        feeder = definition.make_feeder(
            kva_as_kw=kva_as_kw, pv_factor=pv_factor, kva_factor=kva_factor
        )
        network = Network.from_feeder(feeder)
        at_rest = solve(network)
        load_buses = [load.bus for load in feeder.loads]
        flexible_buses = definition.flexible_loads.buses
        flexible_load = [load_buses.index(bus) for bus in flexible_buses]
        storages = feeder.storages
        pv_buses = [pv.bus for pv in feeder.pvs]
        storage_buses = [storage.bus for storage in storages]
        return cls(
            network=network,
            solver=network.solver(),
            points=live_voltage_points(network, at_rest.v_pu),
            batteries=Batteries.of(storages, definition.batteries.soc_max),
            inverters=PvInverters.of(feeder.pvs),
            nominal_kw=np.array([load.p_kw for load in feeder.loads]),
            nominal_kvar=np.array([load.q_kvar for load in feeder.loads]),
            flexible_load=np.array(flexible_load),
            device_buses=(*storage_buses, *pv_buses, *flexible_buses),
            tap=at_rest.taps,
        )

    def loads(self, share: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P and Q of all loads without flexibility, (episode, load) [kW, kvar], from their share, (episode,)."""
        each = share[:, None]
        return each * self.nominal_kw, each * self.nominal_kvar

    def effect(
        self,
        load_kw: FloatArray,
        load_kvar: FloatArray,
        pv_kva: tuple[FloatArray, FloatArray],
        battery_kva: tuple[FloatArray, FloatArray],
        tap: IntArray | None = None,
    ) -> Effect:
        """Solve the power flow of each episode.

        Args:
            load_kw, load_kvar: what the loads take, (episode, load).
            pv_kva, battery_kva: P and Q that they inject, (episode, device) each [kW, kvar].
            tap: where regulators start from, (episode, regulator); None where there is none.
        """
        # a network lists its PV before its storages
        solution = self.solver.solve(
            load_kw=load_kw,
            load_kvar=load_kvar,
            der_kw=np.hstack([pv_kva[0], battery_kva[0]]),
            der_kvar=np.hstack([pv_kva[1], battery_kva[1]]),
            taps=tap,
        )
        return Effect(
            v_pu=self.points.magnitude_pu(solution.v_pu),
            loss_kw=solution.loss_kw,
            solved=solution.converged,
            solution=solution,
        )

    def idle_losses_mw(self, load: FloatArray, sun: FloatArray) -> FloatArray:
        """Mean loss of each day with all devices idle and all sun used, (day,) [MW].

        Args:
            load, sun: shares of nominal load and of panels, (day, step + 1).
        """
        shares = load[:, :-1]
        load_kw, load_kvar = self.loads(shares.ravel())
        pv_kw = sun[:, :-1].reshape(-1, 1) * self.inverters.rated_kw
        idle_kw = np.zeros((len(load_kw), len(self.batteries.names)))
        pv = (pv_kw, np.zeros_like(pv_kw))
        effect = self.effect(load_kw, load_kvar, pv, (idle_kw, idle_kw))
        return effect.loss_kw.reshape(shares.shape).mean(axis=1) / 1e3

    @property
    def agent_names(self) -> list[str]:
        """Of all devices: kind and bus."""
        kinds = ["battery"] * len(self.batteries.names)
        kinds += ["pv"] * len(self.inverters.names)
        kinds += ["flexible"] * len(self.flexible_load)
        pairs = zip(kinds, self.device_buses, strict=True)
        return [f"{kind}_{bus}" for kind, bus in pairs]
