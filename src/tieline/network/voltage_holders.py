"""`VoltageHolders`: the generators of a feeder that hold a voltage by their reactive power, as arrays.

A generator of several phases holds the mean of the voltages across its branches, as an automatic voltage regulator measures
them; OpenDSS' model 3 does the same. Each branch gives an equal share of the reactive power.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import name_some
from tieline.network.devices import DeviceTable
from tieline.typing import ComplexArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class VoltageHolders:
    """Generators that hold a voltage, in the feeder's order.

    Attributes:
        device: index of each among the devices, (holder,).
        v_pu: what it holds, of its rated voltage, (holder,).
        low_kvar, high_kvar: reactive power that it can inject, infinite where there is no limit, (holder,).
        branch: device branches that measure and inject, (branch,).
        holder: which holder each of these belongs to, (branch,).
        weight: part of that branch in the mean, in per unit of rated for one per unit across it, (branch,).
    """

    device: IntArray
    v_pu: FloatArray
    low_kvar: FloatArray
    high_kvar: FloatArray
    branch: IntArray
    holder: IntArray
    weight: FloatArray

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.device)

    def mean_v_pu(self, across: ComplexArray) -> FloatArray:
        """What each measures, (scenario, holder) [pu of rated], from voltages across the branches, (scenario, branch)."""
        mean = np.zeros((len(across), self.count))
        by_branch = np.abs(across) * self.weight
        # rows of the transpose are holders
        np.add.at(mean.T, self.holder, by_branch.T)
        return mean


def voltage_holders(feeder: Feeder, devices: DeviceTable) -> VoltageHolders:
    """The generators with a voltage to hold; `devices` is the feeder's table."""
    n_others = devices.n_loads + len(feeder.pvs) + len(feeder.storages)
    holding = [
        (n_others + k, generator)
        for k, generator in enumerate(feeder.generators)
        if generator.held_v_pu is not None
    ]
    device = np.array([k for k, _ in holding], dtype=np.int64)
    low = [generator.held_q_low_kvar for _, generator in holding]
    high = [generator.held_q_high_kvar for _, generator in holding]
    branch = np.flatnonzero(np.isin(devices.device, device))
    return VoltageHolders(
        device=device,
        v_pu=np.array([generator.held_v_pu for _, generator in holding], dtype=float),
        low_kvar=_or_infinite(low, -np.inf),
        high_kvar=_or_infinite(high, np.inf),
        branch=branch,
        # devices are numbered in order, and so are their branches
        holder=np.searchsorted(device, devices.device[branch]),
        weight=devices.share[branch] * devices.per_rated[branch],
    )


def require_no_holders(feeder: Feeder, who: str, der_kvar: object = None) -> None:
    """Raise `InputError` where DERs would answer to voltages and `who`, the beginning of a sentence, cannot let them: generators
    that hold one, inverters that follow a characteristic.

    `der_kvar`, the reactive power of all DERs, has decided it where it is given.
    """
    names = [unit.name for unit in feeder.generators if unit.held_v_pu is not None]
    followers = [control.der for control in feeder.inverter_controls]
    if der_kvar is not None or not (names or followers):
        return
    what = f"let generators hold voltages, as {name_some(names)}"
    if not names:
        what = f"let inverters follow a characteristic, as {name_some(followers)}"
    raise InputError(
        f"{who} does not {what} of feeder '{feeder.name}' do. Give der_kvar where that can be given, or take the feeder that "
        "keeps the powers of its snapshot: powerflow.with_fixed_q(feeder)."
    )


def _or_infinite(limits: list[float | None], infinite: float) -> FloatArray:
    return np.array([infinite if limit is None else limit for limit in limits])
