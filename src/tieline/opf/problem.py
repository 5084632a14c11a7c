"""`Problem`: what is asked of an optimiser, for one or many time steps; no word on how it is solved.

    minimise   sum over steps of h (price P_source + sum over DERs (c P + d P^2) - sum over flexible loads (value served))
    subject to power flow, limits of devices, voltages and branches

All arrays have the step first and follow the feeder: `der` its `ders`, `load` its loads, `storage` its storages. Prices are money
per kWh in any currency. Regulators, capacitors and switches are held.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tieline.devices import Batteries
from tieline.linear.setting import Setting
from tieline.network.network import Network
from tieline.network.voltage_points import VoltagePoints
from tieline.opf.flow_limits import FlowLimits
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Problem:
    """One question. Made by `make_problem`, which checks it; `replace` changes numbers of a checked one.

    Attributes:
        network, setting: feeder arrays and the positions held.
        hours: length of a step [h].
        price: of energy at the source, (step,) [money/kWh].
        load_kw, load_kvar: demand at rated voltage, (step, load).
        p_min_kw .. q_max_kvar: box of each DER's injection, (step, der).
        der_kva: apparent power, (der,); infinite without a limit.
        cost, cost_square: c and d of each DER, (step, der) [money/kWh, money/(kW^2 h)].
        batteries: ratings of the storages.
        stored_kwh, stored_end_kwh: stored at the start, and at least at the end, (storage,).
        ramp_kw: largest change of a DER from step to step, (der,); infinite without a limit.
        last_kw: injection before the first step, (der,); NaN where the first step is free.
        energy_min_kwh, energy_max_kwh: of a DER over all steps, (der,): an EV's energy due (negative), a tank.
        points: voltages with limits.
        v_min_pu, v_max_pu: their limits, (point,).
        flows: branch limits.
        is_flexible: loads that need not be served in full, (load,).
        value: of serving them, (step, load) [money/kWh].
        served_before: share served before the first step, (load,); `max_drop` as in `devices.PickUp`.
    """

    network: Network
    setting: Setting
    hours: float
    price: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray
    p_min_kw: FloatArray
    p_max_kw: FloatArray
    q_min_kvar: FloatArray
    q_max_kvar: FloatArray
    der_kva: FloatArray
    cost: FloatArray
    cost_square: FloatArray
    batteries: Batteries
    stored_kwh: FloatArray
    stored_end_kwh: FloatArray
    ramp_kw: FloatArray
    last_kw: FloatArray
    energy_min_kwh: FloatArray
    energy_max_kwh: FloatArray
    points: VoltagePoints
    v_min_pu: FloatArray
    v_max_pu: FloatArray
    flows: FlowLimits
    is_flexible: BoolArray
    value: FloatArray
    served_before: FloatArray
    max_drop: float

    @property
    def n_steps(self) -> int:
        """Number of time steps."""
        return len(self.price)

    @property
    def n_ders(self) -> int:
        """Number of DERs."""
        return len(self.der_kva)

    @property
    def storage(self) -> IntArray:
        """Which DERs are storages, (storage,)."""
        first = len(self.network.feeder.pvs)
        return np.arange(first, first + len(self.batteries.names))

    @property
    def taps(self) -> IntArray:
        """Tap positions held, (regulator,)."""
        ratio = self.setting.state[self.network.states.regulated_windings]
        table = self.network.regulators
        return np.round((1 / ratio - table.neutral_ratio) / table.ratio_per_step).astype(np.int64)

    @property
    def positions(self) -> dict[str, Any]:
        """Taps, line positions and capacitor steps held, as arguments of `powerflow.solve` and of the linear models."""
        network, state = self.network, self.setting.state
        steps = np.array([capacitor.steps for capacitor in network.feeder.capacitors], dtype=float)
        return {
            "taps": self.taps,
            "line_closed": state[network.states.lines],
            "capacitor_steps": state[network.states.capacitors] * steps,
        }

    def window(self, first: int, stop: int) -> Problem:
        """The steps from `first` up to `stop`, not included; the state before them is the caller's to set."""
        by_step = (
            "price",
            "load_kw",
            "load_kvar",
            "p_min_kw",
            "p_max_kw",
            "q_min_kvar",
            "q_max_kvar",
            "cost",
            "cost_square",
            "value",
        )
        return replace(self, **{name: getattr(self, name)[first:stop] for name in by_step})

    def replace(self, **changes: Any) -> Problem:
        """A copy with some fields changed, for a solve that follows."""
        return replace(self, **changes)
