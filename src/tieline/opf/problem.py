"""`Problem`: what is asked of an optimiser, for one or many time steps, in parts; no word on how it is solved.

    minimise   sum over steps of h (price P_bought + sum over DERs (c P + d P^2) - sum over flexible loads (value served)
                                    + sum over loads with a rebound (a curtailed + b shifted))
               - sum over storages (end value, stored after the last step)
               + sum over loads with a rebound (cost of what returns after the last step)
    subject to power flow, limits of devices, voltages and branches

All arrays have the step first and follow the feeder: `der` its `ders`, `load` its loads, `storage` its storages. Prices are in
currency/kWh. Regulators, capacitors and switches are held.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.devices import Batteries
from tieline.linear.setting import Setting
from tieline.network.network import Network
from tieline.network.voltage_points import VoltagePoints
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.meters import Meters
from tieline.opf.rebounds import Rebounds
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class TimeSteps:
    """The steps: their length, what energy costs where it is bought, what loads ask for.

    Attributes:
        hours: length of a step [h].
        price: of energy where it is bought, (step,) [currency/kWh].
        load_kw, load_kvar: demand at rated voltage, (step, load).
    """

    hours: float
    price: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray

    def cut(self, steps: slice) -> TimeSteps:
        """Some of the steps."""
        return TimeSteps(
            self.hours, self.price[steps], self.load_kw[steps], self.load_kvar[steps]
        )


@dataclass(frozen=True, eq=False)
class DerOffers:
    """What each DER may do in a step and over time, and what it asks for that.

    Attributes:
        p_min_kw .. q_max_kvar: box of each DER's injection, (step, der).
        kva: apparent power, (der,); infinite without a limit.
        cost, cost_square: c and d of each DER, (step, der) [currency/kWh, currency/(kW^2 h)].
        ramp_kw: largest change of a DER from step to step, (der,); infinite without a limit.
        last_kw: injection before the first step, (der,); NaN where the first step is free.
        energy_min_kwh, energy_max_kwh: of a DER over all steps, (der,): an EV's energy due (negative), a tank.
    """

    p_min_kw: FloatArray
    p_max_kw: FloatArray
    q_min_kvar: FloatArray
    q_max_kvar: FloatArray
    kva: FloatArray
    cost: FloatArray
    cost_square: FloatArray
    ramp_kw: FloatArray
    last_kw: FloatArray
    energy_min_kwh: FloatArray
    energy_max_kwh: FloatArray

    def cut(self, steps: slice) -> DerOffers:
        """The offers of some of the steps; what holds over time is the caller's to set."""
        return dataclasses.replace(
            self,
            p_min_kw=self.p_min_kw[steps],
            p_max_kw=self.p_max_kw[steps],
            q_min_kvar=self.q_min_kvar[steps],
            q_max_kvar=self.q_max_kvar[steps],
            cost=self.cost[steps],
            cost_square=self.cost_square[steps],
        )


@dataclass(frozen=True, eq=False)
class StoredEnergy:
    """Storages: ratings, energy at the start, energy due at the end and what is stored then is worth.

    Attributes:
        batteries: ratings.
        der: which DERs are storages, (storage,).
        stored_kwh, stored_end_kwh: stored at the start, and at least at the end, (storage,).
        end_value: of what is stored after the last step, (storage,) [currency/kWh]. Without one a short window is blind to what
            comes after it, and empties every battery.
    """

    batteries: Batteries
    der: IntArray
    stored_kwh: FloatArray
    stored_end_kwh: FloatArray
    end_value: FloatArray


@dataclass(frozen=True, eq=False)
class FlexibleLoads:
    """Loads that need not be served in full.

    Attributes:
        is_flexible: which, (load,).
        value: of serving them, (step, load) [currency/kWh].
        served_before: share served before the first step, (load,).
        max_drop: largest fall of a share from step to step, as in `devices.PickUp`.
    """

    is_flexible: BoolArray
    value: FloatArray
    served_before: FloatArray
    max_drop: float

    def cut(self, steps: slice) -> FlexibleLoads:
        """The values of some of the steps."""
        return dataclasses.replace(self, value=self.value[steps])


@dataclass(frozen=True, eq=False)
class NetworkLimits:
    """What the network must keep.

    Attributes:
        points: voltages with limits.
        v_min_pu, v_max_pu: their limits, (point,).
        flows: branch limits.
        neutral_v: highest neutral-to-earth voltage [V], None for any; no formulation keeps it, the replay on AC judges it.
    """

    points: VoltagePoints
    v_min_pu: FloatArray
    v_max_pu: FloatArray
    flows: FlowLimits
    neutral_v: float | None = None


@dataclass(frozen=True, eq=False)
class Problem:
    """One question. Made by `make_problem`, which checks it; `replace` changes numbers of a checked one.

    Attributes:
        network, setting: feeder arrays, and the positions and source voltage held.
        steps: prices, hours and demand.
        ders: boxes, costs and ramps.
        storage: ratings and stored energy.
        flexible: value of load and how fast it may drop.
        rebounds: loads that may be curtailed, or shifted with a rebound.
        limits: of voltages and flows.
        meters: where energy is bought; None for the source.
    """

    network: Network
    setting: Setting
    steps: TimeSteps
    ders: DerOffers
    storage: StoredEnergy
    flexible: FlexibleLoads
    rebounds: Rebounds
    limits: NetworkLimits
    meters: Meters | None = None

    @property
    def n_steps(self) -> int:
        """Number of time steps."""
        return len(self.steps.price)

    @property
    def n_ders(self) -> int:
        """Number of DERs."""
        return len(self.ders.kva)

    @property
    def n_loads(self) -> int:
        """Number of loads."""
        return len(self.flexible.is_flexible)

    @property
    def taps(self) -> IntArray:
        """Tap positions held, (regulator,)."""
        windings = self.network.states.regulated_windings
        table = self.network.regulators
        # The state holds 1 / ratio of a winding, as it enters the admittance.
        ratio = 1 / self.setting.state[windings]
        steps = (ratio - table.neutral_ratio) / table.ratio_per_step
        return np.round(steps).astype(np.int64)

    @property
    def positions(self) -> dict[str, Any]:
        """Taps, line positions and capacitor steps held, as arguments of `powerflow.solve` and of the linear models."""
        network = self.network
        state = self.setting.state
        steps = np.array(
            [capacitor.steps for capacitor in network.feeder.capacitors], dtype=float
        )
        states = network.states
        return {
            "taps": self.taps,
            "line_closed": state[states.lines],
            "capacitor_steps": state[states.capacitors] * steps,
        }

    def window(self, first: int, stop: int) -> Problem:
        """The steps from `first` up to `stop`, not included; the state before them is the caller's to set."""
        steps = slice(first, stop)
        return dataclasses.replace(
            self,
            steps=self.steps.cut(steps),
            ders=self.ders.cut(steps),
            flexible=self.flexible.cut(steps),
            rebounds=self.rebounds.cut(steps),
        )

    def replace(self, **changes: Any) -> Problem:
        """A copy with some numbers changed, each under the name it has in its part, for a solve that follows.

        Raises:
            TypeError: if no part has a field of that name.
        """
        parts = {}
        for name in ("steps", "ders", "storage", "flexible", "rebounds", "limits"):
            part = getattr(self, name)
            part_names = {field.name for field in dataclasses.fields(part)}
            # Taken out as they are used: what is left over at the end belongs to no part, and is refused.
            part_changes = {
                field: changes.pop(field) for field in part_names & changes.keys()
            }
            parts[name] = dataclasses.replace(part, **part_changes)
        return dataclasses.replace(self, **parts, **changes)
