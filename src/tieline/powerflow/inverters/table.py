"""`InverterTable`: the inverter controls of a network as arrays: on which device each acts, where it looks, its curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tieline.devices.inverter_curves import Curves, InverterCurves
from tieline.feeders.elements import InverterControl, Pv, Storage
from tieline.feeders.elements.inverters import CURVES
from tieline.feeders.feeder import Feeder
from tieline.network.devices import GROUND
from tieline.network.network import Network
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

NETWORKS_KEPT = 8
"""As many as other tables of networks: studies come back to a few."""


@dataclass(frozen=True, eq=False)
class InverterTable:
    """Inverter controls in the feeder's order.

    Attributes:
        device: index of each among the devices, (inverter,).
        kva: rating of each, (inverter,).
        curves: what each injects.
        plus, minus: nodes that are looked at, `GROUND` for ground, those of an inverter side by side, (place,).
        weight: per unit of what the inverter counts in, for one per unit there, (place,).
        first: first place of each inverter, (inverter,).
        is_highest, is_lowest: what is made of the voltages of its places; else their mean, (inverter,).
    """

    device: IntArray
    kva: FloatArray
    curves: InverterCurves
    plus: IntArray
    minus: IntArray
    weight: FloatArray
    first: IntArray
    is_highest: BoolArray
    is_lowest: BoolArray

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.device)

    def seen_pu(self, v_pu: ComplexArray) -> FloatArray:
        """The voltage that each looks at, (scenario, node) -> (scenario, inverter) [pu]; NaN where those are."""
        minus_pu = np.where(self.minus == GROUND, 0.0, v_pu[:, self.minus])
        across = v_pu[:, self.plus] - minus_pu
        size = np.abs(across) * self.weight
        ends = np.append(self.first[1:], len(self.plus))
        total = np.add.reduceat(size, self.first, axis=1)
        mean = total / (ends - self.first)
        highest = np.maximum.reduceat(size, self.first, axis=1)
        lowest = np.minimum.reduceat(size, self.first, axis=1)
        choices = [highest, lowest]
        return np.select([self.is_highest, self.is_lowest], choices, mean)


@lru_cache(maxsize=NETWORKS_KEPT)
def inverter_table(network: Network) -> InverterTable:
    """The table of a network whose feeder has inverter controls; a network never changes, and is its own key."""
    feeder = network.feeder
    controls = feeder.inverter_controls
    ders = [_der(feeder, control) for control in controls]
    index = {id(der): k for k, der in enumerate(feeder.ders)}
    device = np.array([index[id(der)] for der in ders]) + network.devices.n_loads
    places = [
        _places(network, control, at)
        for control, at in zip(controls, device.tolist(), strict=True)
    ]
    counts = np.array([len(of_one) for of_one in places])
    rows = np.array([row for of_one in places for row in of_one])
    rules = [control.watched_rule for control in controls]
    return InverterTable(
        device=device,
        kva=np.array([der.inverter_kva for der in ders], dtype=float),
        curves=_curves(controls),
        plus=rows[:, 0].astype(np.int64),
        minus=rows[:, 1].astype(np.int64),
        weight=rows[:, 2].copy(),
        first=np.cumsum(counts) - counts,
        is_highest=np.array([rule == "highest" for rule in rules]),
        is_lowest=np.array([rule == "lowest" for rule in rules]),
    )


def _der(feeder: Feeder, control: InverterControl) -> Pv | Storage:
    ders: Sequence[Pv | Storage] = feeder.pvs
    if control.der_kind == "storage":
        ders = feeder.storages
    return next(der for der in ders if der.name == control.der)


def _places(
    network: Network, control: InverterControl, device: int
) -> list[tuple[float, float, float]]:
    """Plus node, minus node and weight of each voltage that an inverter looks at."""
    if control.watched_kv is not None:
        names = [
            f"{control.watched_bus}.{node}" for node in control.watched_nodes or ()
        ]
        nodes = network.nodes(*names)
        weights = network.node_kv[nodes] / control.watched_kv
        return [
            (node, GROUND, weight)
            for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True)
        ]
    devices = network.devices
    branches = np.flatnonzero(devices.device == device)
    columns = (devices.plus, devices.minus, devices.per_rated)
    return np.column_stack([column[branches] for column in columns]).tolist()


def _curves(controls: Sequence[InverterControl]) -> InverterCurves:
    def numbers(name: str, if_none: float = 0.0) -> FloatArray:
        values = [getattr(control, name) for control in controls]
        return np.array([if_none if value is None else value for value in values])

    by_name = {}
    for across, along in CURVES:
        points = [(getattr(one, across), getattr(one, along)) for one in controls]
        by_name[across] = Curves.of(points)
    return InverterCurves(
        volt_var=by_name["volt_var_v_pu"],
        volt_watt=by_name["volt_watt_v_pu"],
        charge_watt=by_name["charge_watt_v_pu"],
        watt_var=by_name["watt_var_p_share"],
        watt_pf=by_name["watt_pf_p_share"],
        has_headroom_base=np.array([one.q_base == "headroom" for one in controls]),
        p_base_kw=numbers("p_base_kw", np.nan),
        q_high_kvar=numbers("q_high_kvar", np.inf),
        q_low_kvar=numbers("q_low_kvar", np.inf),
        least_p_kw=numbers("least_p_kw"),
        full_q_kw=numbers("full_q_kw"),
        cuts_q=np.array([one.yields == "q" for one in controls]),
        keeps_power_factor=numbers("keeps_power_factor").astype(bool),
    )
