"""What takes or gives power: loads and distributed energy resources."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.arguments import name_maker
from tieline.feeders.elements.terms import CONSTANT_POWER, Connection, Nodes


@dataclass(frozen=True, slots=True)
class Load:
    """A load; P, Q > 0 is consumption, the total of its phases, spread evenly over them.

    `kv` is rated across one phase: line-to-neutral for wye, line-to-line for delta.
    `zip_p`, `zip_q`: shares of constant impedance, constant current, constant power at rated voltage, each summing to one.
    `exponents`: of an exponential load, P ~ u^n and Q ~ u^m with u in per unit of rated voltage (OpenDSS' model 4, for
        conservation voltage reduction); in place of the shares. Outside its band it is as `power_outside` says.
    `v_low_pu`, `v_min_pu`, `v_max_pu`: the voltage band outside which OpenDSS turns the load into an impedance; used by solves
        of the load model "opendss-band".
    `power_outside`: that impedance is the one of a constant-power load, whatever the shares (OpenDSS' models 3, 4, 6, 7).
    `q_impedance_outside`: the impedance of Q is that at rated voltage, and that of P down to `v_low_pu` the one at `v_min_pu`
        (OpenDSS' models 6, 7).
    `daily_shape`, `yearly_shape`, `duty_shape`: names of the `Shape` that it follows over a typical day, over the year, and in
        cycles of seconds. Without one of the year it repeats the day's, and without any it keeps its power. The same for DERs.
    """

    name: str
    bus: str
    nodes: Nodes
    connection: Connection
    kv: float
    p_kw: float
    q_kvar: float
    zip_p: tuple[float, float, float] = CONSTANT_POWER
    zip_q: tuple[float, float, float] = CONSTANT_POWER
    exponents: tuple[float, float] | None = None
    v_min_pu: float = 0.95
    v_max_pu: float = 1.05
    v_low_pu: float = 0.5
    power_outside: bool = False
    q_impedance_outside: bool = False
    daily_shape: str | None = None
    yearly_shape: str | None = None
    duty_shape: str | None = None


@dataclass(frozen=True, slots=True)
class Pv:
    """A PV system injecting `p_kw`, `q_kvar` in the snapshot; panels of `rated_kw`, inverter of `inverter_kva`. `kv` as in
    `Load`, limits and costs as in `Generator`.

    `v_min_pu`, `v_max_pu`: the voltage band outside which OpenDSS turns it into the impedance found at its edge; used by solves
    of the load model "opendss-band". None: no band. The same for storage and generators.
    """

    name: str
    bus: str
    nodes: Nodes
    connection: Connection
    kv: float
    rated_kw: float
    inverter_kva: float
    p_kw: float = 0.0
    q_kvar: float = 0.0
    v_min_pu: float | None = None
    v_max_pu: float | None = None
    controllable: bool = True
    p_low_limit_kw: float | None = None
    p_high_limit_kw: float | None = None
    q_low_limit_kvar: float | None = None
    q_high_limit_kvar: float | None = None
    cost_per_kwh: float | None = None
    cost_per_kw2h: float | None = None
    daily_shape: str | None = None
    yearly_shape: str | None = None
    duty_shape: str | None = None


@dataclass(frozen=True, slots=True)
class Storage:
    """A battery with its state in the snapshot; at most one of `p_charge_kw`, `p_discharge_kw` is above zero. `kv` as in
    `Load`, limits and costs as in `Generator`, of what it injects.

    `idling_kw`: what it takes for its own use, from the grid while it idles; `p_charge_kw` of an idle one is that.
    """

    name: str
    bus: str
    nodes: Nodes
    connection: Connection
    kv: float
    rated_kw: float
    energy_kwh: float
    inverter_kva: float
    stored_kwh: float = 0.0
    reserve_kwh: float = 0.0
    efficiency_charge: float = 1.0
    efficiency_discharge: float = 1.0
    p_charge_kw: float = 0.0
    p_discharge_kw: float = 0.0
    q_kvar: float = 0.0
    v_min_pu: float | None = None
    v_max_pu: float | None = None
    controllable: bool = True
    p_low_limit_kw: float | None = None
    p_high_limit_kw: float | None = None
    q_low_limit_kvar: float | None = None
    q_high_limit_kvar: float | None = None
    cost_per_kwh: float | None = None
    cost_per_kw2h: float | None = None
    daily_shape: str | None = None
    yearly_shape: str | None = None
    duty_shape: str | None = None
    idling_kw: float = 0.0


@dataclass(frozen=True, slots=True)
class Generator:
    """A dispatchable generator injecting `p_kw`, `q_kvar` in the snapshot, rated `rated_kva`. `kv` as in `Load`, the band as in
    `Pv`; `q_impedance_outside`: outside the band the impedance of Q is that at rated voltage (OpenDSS' model 4).

    What an optimal power flow may do with it: nothing if it is not `controllable`, else inject within `p_low_limit_kw` to
    `p_high_limit_kw` and `q_low_limit_kvar` to `q_high_limit_kvar` (None: only the rating limits) at a cost of `cost_per_kwh`
    P + `cost_per_kw2h` P^2 an hour, in currency per kWh and per kW^2 h (None: not known). Limits bind no power flow.

    `held_v_pu`: the voltage of rated that it holds by its reactive power, as the mean over its phases, while no Q is given to a
    power flow; None holds nothing. It does so between `held_q_low_kvar` and `held_q_high_kvar` (None: without limit), and
    stays at that limit where it cannot.
    """

    name: str
    bus: str
    nodes: Nodes
    connection: Connection
    kv: float
    rated_kva: float
    p_kw: float = 0.0
    q_kvar: float = 0.0
    v_min_pu: float | None = None
    v_max_pu: float | None = None
    q_impedance_outside: bool = False
    held_v_pu: float | None = None
    held_q_low_kvar: float | None = None
    held_q_high_kvar: float | None = None
    controllable: bool = True
    p_low_limit_kw: float | None = None
    p_high_limit_kw: float | None = None
    q_low_limit_kvar: float | None = None
    q_high_limit_kvar: float | None = None
    cost_per_kwh: float | None = None
    cost_per_kw2h: float | None = None
    daily_shape: str | None = None
    yearly_shape: str | None = None
    duty_shape: str | None = None


Der = Pv | Storage | Generator
"""A distributed energy resource: something at a bus that injects (or, charging, takes) power under somebody's control."""


name_maker(Load, "Shorter, with all that a bus tells: feeder.with_load(bus, kw).")
name_maker(Pv, "Shorter, with all that a bus tells: feeder.with_pv(bus, kw).")
name_maker(
    Storage, "Shorter, with all that a bus tells: feeder.with_battery(bus, kw, kwh)."
)
name_maker(
    Generator, "Shorter, with all that a bus tells: feeder.with_generator(bus, kw)."
)
