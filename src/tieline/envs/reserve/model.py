"""`ReserveModel`: what an allocation of reserve costs, loses and does to voltages, by the AC power flow with controls acting.

    cost = sum of bid x r for one hour,   loss of lines and transformers,   mean over nodes of |V - 1|

The reserve is injected where the DERs stand, at unity power factor, and regulators and capacitors act as the feeder says. The
feeder's own loads are at `load_pct` of nominal, its own DERs at their snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tieline.envs.reserve.config import ReserveEnvConfig
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.asked import asked_feeder
from tieline.network import Network
from tieline.network.attach import with_generators_at
from tieline.network.devices import der_rows
from tieline.network.voltage_points import VoltagePoints, live_voltage_points
from tieline.powerflow import Solution, Solver, solve, with_fixed_q
from tieline.typing import BoolArray, FloatArray

CENTS = 100.0
"""In a unit of the currency."""

HOURS = 1.0
"""How long the reserve is paid for [h]."""


@dataclass(frozen=True, eq=False)
class Effect:
    """What allocations lead to, (episode,).

    Attributes:
        cost: of the reserve for `HOURS` [currency].
        loss_kw: of lines and transformers.
        deviation_pct: mean over the voltage points of |V - 1|.
        lowest_pu, highest_pu: of all voltage points.
        solved: whether the power flow has a solution; elsewhere NaN.
        solution: the rest.
    """

    cost: FloatArray
    loss_kw: FloatArray
    deviation_pct: FloatArray
    lowest_pu: FloatArray
    highest_pu: FloatArray
    solved: BoolArray
    solution: Solution


@dataclass(frozen=True, eq=False)
class ReserveModel:
    """A feeder with the DERs that reserve is asked of.

    Attributes:
        network: the feeder with a generator for each DER of the reserve.
        points: live voltages.
        names: places of the DERs of the reserve, as configured.
        columns: where they stand among all DERs of the network: generators come last.
        snapshot_kw, snapshot_kvar: what each DER injects in the snapshot, (der,); those of the reserve nothing.
    """

    network: Network
    points: VoltagePoints
    names: tuple[str, ...]
    columns: slice
    snapshot_kw: FloatArray
    snapshot_kvar: FloatArray

    @classmethod
    def of(cls, config: ReserveEnvConfig, feeder: Feeder | None = None) -> ReserveModel:
        """The model of a configuration; `feeder` spares reading it.

        Raises:
            InputError, FeederError: if the feeder cannot be used or a DER has no place on it.
            NotConvergedError: if the feeder has no solution without reserve.
        """
        bare_feeder = feeder or asked_feeder(config.feeder, config.load_model)
        nominal = with_fixed_q(bare_feeder)
        count = len(config.ders)
        loaded = _loaded(nominal, config.load_pct)
        network = Network.from_feeder(_with_ders(loaded, config))
        base = solve(network)
        live = live_voltage_points(network, base.v_pu)
        total = len(network.feeder.ders)
        devices = network.devices
        return cls(
            network=network,
            points=live,
            names=tuple(config.ders),
            columns=slice(total - count, total),
            snapshot_kw=devices.der_kw,
            snapshot_kvar=devices.der_kvar,
        )

    @cached_property
    def solver(self) -> Solver:
        """The power flow of every allocation."""
        return self.network.solver()

    def effect(self, allocation_kw: FloatArray, bid_cents: FloatArray) -> Effect:
        """Solve the power flow of each allocation.

        Args:
            allocation_kw: reserve of each DER, (episode, der) [kW].
            bid_cents: price of each DER, (episode or 1, der) [cents/kWh].
        """
        der_kw = der_rows(self.snapshot_kw, self.columns, allocation_kw)
        solution = self.solver.solve(der_kw=der_kw, der_kvar=self.snapshot_kvar)
        v = self.points.magnitude_pu(solution.v_pu)
        return Effect(
            cost=(bid_cents * allocation_kw).sum(axis=1) * HOURS / CENTS,
            loss_kw=solution.loss_kw,
            deviation_pct=np.abs(v - 1.0).mean(axis=1) * 100.0,
            lowest_pu=v.min(axis=1),
            highest_pu=v.max(axis=1),
            solved=solution.converged,
            solution=solution,
        )


def _with_ders(feeder: Feeder, config: ReserveEnvConfig) -> Feeder:
    """The feeder with a generator for each DER of the reserve."""
    rated_kva = [config.largest_capacity_kw] * len(config.ders)
    try:
        return with_generators_at(feeder, config.ders, rated_kva, "reserve")
    except InputError as error:
        fields = ReserveEnvConfig.model_fields
        if config.ders != fields["ders"].default:
            raise
        # who asks of a feeder of their own has typed none of these buses
        raise InputError(
            f"{error}\nThey belong to the published case, on {fields['feeder'].default}. Name the DERs of your feeder: "
            "--ders PLACE:KW@COST,PLACE:KW@COST with --request-kw KW."
        ) from None


def _loaded(feeder: Feeder, load_pct: float) -> Feeder:
    """The feeder with its loads at a share of nominal."""
    if load_pct == 100:
        return feeder
    share = load_pct / 100
    loads = (
        replace(load, p_kw=load.p_kw * share, q_kvar=load.q_kvar * share)
        for load in feeder.loads
    )
    return feeder.replace(loads=tuple(loads))
