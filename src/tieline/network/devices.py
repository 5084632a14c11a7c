"""`DeviceTable`: loads and DERs as one list of power-taking branches between two nodes.

A device is a load or a DER; power counts as consumption (a DER's injection is negative). Each phase of a device is a branch
between a plus and a minus node (or ground), taking an equal share of the device's power.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np

from tieline.feeders.connections import phase_pairs
from tieline.feeders.elements import (
    CONSTANT_IMPEDANCE,
    CONSTANT_POWER,
    Der,
    Generator,
    Load,
    Storage,
)
from tieline.feeders.feeder import Feeder
from tieline.typing import BoolArray, FloatArray, IntArray

GROUND = -1
"""Node index that stands for ground."""

Shares = tuple[float, float, float]
"""Of constant impedance, current, power."""

NO_EXPONENTS = (np.nan, np.nan)
"""Of P and Q of a device that follows ZIP shares."""

NO_BAND = (0.0, 0.0, np.inf)
"""v_low, v_min, v_max of a device that follows its ZIP shares at any voltage."""


@dataclass(frozen=True)
class DeviceTable:
    """Loads, then DERs (PV, storage, generators), in the feeder's order.

    Attributes:
        n_loads: number of loads; the remaining devices are DERs.
        p_kw, q_kvar: consumption of each device in the feeder's snapshot, (device,).
        device: device of each branch, (branch,).
        plus, minus: node indices of each branch, `GROUND` for ground, (branch,).
        share: part of the device's power on each branch, (branch,).
        per_rated: 1 / rated voltage across the branch, in the per unit of its plus node, (branch,).
        zip_p, zip_q: shares of constant impedance, current, power at rated voltage, (branch, 3); of an exponential load those
            that agree with it to second order there, for models that are polynomials of the voltage.
        exponents: of P and Q of exponential loads, (branch, 2); NaN for the others, which follow their shares.
        band_pu: v_low, v_min, v_max of rated voltage, (branch, 3); `NO_BAND` where there is none.
        outside_p, outside_q: shares that count outside the band, (branch, 3).
        jumps_low: below v_min the admittance stays that at v_min and jumps to the rated one at v_low; else the current falls on
            a straight line to that of the rated admittance at v_low, (branch,).
    """

    n_loads: int
    p_kw: FloatArray
    q_kvar: FloatArray
    device: IntArray
    plus: IntArray
    minus: IntArray
    share: FloatArray
    per_rated: FloatArray
    zip_p: FloatArray
    zip_q: FloatArray
    exponents: FloatArray
    band_pu: FloatArray
    outside_p: FloatArray
    outside_q: FloatArray
    jumps_low: BoolArray

    @property
    def is_exponential(self) -> BoolArray:
        """Branches of exponential loads, (branch,)."""
        return np.asarray(np.isfinite(self.exponents).any(axis=1))

    @property
    def der_kw(self) -> FloatArray:
        """Active power that each DER injects in the snapshot, (der,) [kW]."""
        return -self.p_kw[self.n_loads :]

    @property
    def der_kvar(self) -> FloatArray:
        """Reactive power that each DER injects in the snapshot, (der,) [kvar]."""
        return -self.q_kvar[self.n_loads :]


def der_rows(
    injection: FloatArray, columns: slice | IntArray, values: FloatArray
) -> FloatArray:
    """What all DERs inject in each scenario when some of them are set and the others stay.

    Args:
        injection: of every DER, (der,) or (scenario, der) [kW or kvar].
        columns: the DERs that are set.
        values: what they inject, (scenario, column), in the unit of `injection`.

    Returns:
        (scenario, der), a new array.
    """
    rows = np.array(np.broadcast_to(injection, (len(values), injection.shape[-1])))
    rows[:, columns] = values
    return rows


def device_table(
    feeder: Feeder, node_index: dict[tuple[str, int], int], node_kv: FloatArray
) -> DeviceTable:
    """Build the table; `node_index` maps (bus, node number) to node, `node_kv` is the voltage base of each node [kV]."""
    devices: list[Load | Der] = [*feeder.loads, *feeder.ders]
    power = np.array([_consumption(device) for device in devices]).reshape(-1, 2)
    rows: list[tuple[float, ...]] = []
    for k, device in enumerate(devices):
        pairs = phase_pairs(device.nodes, device.connection)
        share = 1 / len(pairs)
        voltage_model = _voltage_model(device)
        for pair in pairs:
            plus, minus, kv = _ends(device.bus, *pair, node_index, node_kv)
            per_rated = kv / device.kv
            rows.append((k, plus, minus, share, per_rated, *voltage_model))
    table = np.array(rows, dtype=float).reshape(-1, 23)
    return DeviceTable(
        n_loads=len(feeder.loads),
        p_kw=power[:, 0].copy(),
        q_kvar=power[:, 1].copy(),
        device=table[:, 0].astype(np.int64),
        plus=table[:, 1].astype(np.int64),
        minus=table[:, 2].astype(np.int64),
        share=table[:, 3].copy(),
        per_rated=table[:, 4].copy(),
        zip_p=table[:, 5:8].copy(),
        zip_q=table[:, 8:11].copy(),
        band_pu=table[:, 11:14].copy(),
        outside_p=table[:, 14:17].copy(),
        outside_q=table[:, 17:20].copy(),
        jumps_low=table[:, 20] > 0,
        exponents=table[:, 21:23].copy(),
    )


def _consumption(device: Load | Der) -> tuple[float, float]:
    if isinstance(device, Load):
        return device.p_kw, device.q_kvar
    if isinstance(device, Storage):
        return device.p_charge_kw - device.p_discharge_kw, -device.q_kvar
    return -device.p_kw, -device.q_kvar


def _ends(
    bus: str,
    plus_number: int,
    minus_number: int,
    node_index: dict[tuple[str, int], int],
    node_kv: FloatArray,
) -> tuple[int, int, float]:
    plus = node_or_ground(node_index, bus, plus_number)
    minus = node_or_ground(node_index, bus, minus_number)
    # a branch from ground to a node takes the same power as one from the node to ground
    if plus == GROUND:
        return minus, plus, float(node_kv[minus])
    return plus, minus, float(node_kv[plus])


def node_or_ground(
    node_index: dict[tuple[str, int], int], bus: str, number: int
) -> int:
    """Index of a node, `GROUND` for ground itself; a node that the feeder does not have is no ground: `KeyError`."""
    if number == 0:
        return GROUND
    return node_index[bus, number]


def _voltage_model(device: Load | Der) -> tuple[float, ...]:
    """Shares of P and of Q, band, the shares of P and of Q outside it, whether it jumps at v_low, and exponents; a DER is a
    constant power source inside its band.
    """
    outside = [*chain.from_iterable(_outside_shares(device))]
    if isinstance(device, Load):
        inside = [*chain.from_iterable(_inside_shares(device))]
        return (
            *inside,
            *_load_band(device),
            *outside,
            float(device.q_impedance_outside),
            *(device.exponents or NO_EXPONENTS),
        )
    inside = [*CONSTANT_POWER, *CONSTANT_POWER]
    return (*inside, *_der_band(device), *outside, 0.0, *NO_EXPONENTS)


def _inside_shares(load: Load) -> tuple[Shares, Shares]:
    """Shares of P and of Q inside the band."""
    if load.exponents is None:
        return load.zip_p, load.zip_q
    of_p, of_q = load.exponents
    return tangent_shares(of_p), tangent_shares(of_q)


def tangent_shares(exponent: float) -> Shares:
    """Shares whose polynomial has the value, slope and curvature of u^n at rated voltage: exact for n = 0, 1, 2."""
    impedance = exponent * (exponent - 1) / 2
    current = exponent * (2 - exponent)
    return impedance, current, 1 - impedance - current


def _outside_shares(device: Load | Der) -> tuple[Shares, Shares]:
    """Shares of P and of Q outside the band.

    OpenDSS divides the admittance of every delta of a DER by three, also of one with a single branch, which is left with a third
    of its power.
    """
    if isinstance(device, Load) and not device.power_outside:
        return _inside_shares(device)
    has_fixed_q = isinstance(device, Load | Generator) and device.q_impedance_outside
    p_shares = CONSTANT_POWER
    q_shares = CONSTANT_IMPEDANCE if has_fixed_q else CONSTANT_POWER
    is_single_branch = device.connection == "delta" and len(device.nodes) == 2
    if is_single_branch and not isinstance(device, Load):
        return _third(p_shares), _third(q_shares)
    return p_shares, q_shares


def _third(shares: Shares) -> Shares:
    impedance, current, power = shares
    return impedance / 3, current / 3, power / 3


def _der_band(der: Der) -> tuple[float, float, float]:
    """As that of a load, but below its minimum a DER is the impedance found there: a straight line through the origin."""
    low = NO_BAND[1] if der.v_min_pu is None else der.v_min_pu
    high = NO_BAND[2] if der.v_max_pu is None else der.v_max_pu
    return 0.0, low, high


def _load_band(load: Load) -> tuple[float, float, float]:
    """v_low, v_min, v_max; a load that is an impedance anyway has nothing to turn into. At or below v_low it is the rated one,
    also where v_min is lower still.
    """
    if load.zip_p == load.zip_q == CONSTANT_IMPEDANCE and not load.power_outside:
        return NO_BAND
    return load.v_low_pu, max(load.v_min_pu, load.v_low_pu), load.v_max_pu
