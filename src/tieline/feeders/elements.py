"""The parts of a feeder, as the utility knows them. All frozen; a field without a unit in its name says it in its comment.

How an element is tied to a bus: `nodes` lists conductor numbers of that bus, one per terminal conductor. 1, 2, 3 are the phases
(on a split-phase secondary 1 and 2 are the two hot legs), 4 and up further conductors such as an ungrounded neutral, 0 is
ground. A wye element lists its phases and then its neutral, `(1, 2, 3, 0)` or `(2, 0)`; a delta element lists phases only, `(1,
2, 3)`, or the two ends of its one branch, `(1, 2)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Nodes = tuple[int, ...]
Matrix = tuple[tuple[float, ...], ...]
Connection = Literal["wye", "delta"]
CapacitorControlKind = Literal["voltage", "current", "kvar", "power-factor", "time"]
MeteredKind = Literal["line", "transformer", "capacitor"]
WatchedPhases = Literal["one", "highest", "lowest"]
PhaseRule = Literal["one", "highest", "lowest", "mean"]
"""Which phases a meter looks at: one, or whichever reads most or least, or the mean of all."""

ReverseMode = Literal["none", "source-side", "cogeneration", "neutral"]
OpenEnd = Literal["both", "from", "to"]
LoadModel = Literal["zip", "opendss-band"]
"""What a device does outside its voltage band: nothing special, or it turns into an impedance as in OpenDSS."""

CONSTANT_IMPEDANCE = (1.0, 0.0, 0.0)
CONSTANT_CURRENT = (0.0, 1.0, 0.0)
CONSTANT_POWER = (0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Bus:
    """A place where elements meet.

    `kv_ll` is the voltage base, line-to-line [kV]; `x`, `y` are drawing coordinates in any length unit, None if unknown.
    `v_low_limit_pu`, `v_high_limit_pu`: limits that an optimal power flow keeps, None for those of the study.
    """

    name: str
    phases: Nodes
    kv_ll: float
    x: float | None = None
    y: float | None = None
    v_low_limit_pu: float | None = None
    v_high_limit_pu: float | None = None


@dataclass(frozen=True, slots=True)
class LineCode:
    """Series impedance and shunt capacitance matrices per length, rows and columns in the order of the line's conductors."""

    name: str
    r_ohm_per_km: Matrix
    x_ohm_per_km: Matrix
    c_nf_per_km: Matrix
    rating_a: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A pi section between two buses, or a switch (`is_switch`), or a tie line that is open (`closed=False`).

    Conductor k joins `from_nodes[k]` of `from_bus` to `to_nodes[k]` of `to_bus`. `length_km` is None where the length is
    unknown (transmission and planning cases, switches, reactors); the matrices of its code are then those of the whole line.
    `rating_a` limits the current of each conductor, `rating_kva` the apparent power of all phases together at either end; a
    line may have both, or none. `open_end` is the end at which it is open while it is not closed. Open at one end only, it
    stays energised from the other and takes its charging current there; so do the cables at the normally open points of a
    network.
    """

    name: str
    from_bus: str
    to_bus: str
    from_nodes: Nodes
    to_nodes: Nodes
    code: LineCode
    length_km: float | None = None
    rating_a: float | None = None
    rating_kva: float | None = None
    is_switch: bool = False
    closed: bool = True
    open_end: OpenEnd = "both"

    @property
    def impedance_factor(self) -> float:
        """What the matrices of the code are multiplied by: the length [km], or 1 where they are those of the whole line."""
        return 1.0 if self.length_km is None else self.length_km

    @property
    def current_rating_a(self) -> float | None:
        """The line's own current rating, else that of its code [A]; None if neither has one."""
        return self.rating_a or self.code.rating_a

    @property
    def is_rated(self) -> bool:
        """Whether the line or its code has a rating of any kind."""
        return bool(self.current_rating_a or self.rating_kva)


@dataclass(frozen=True, slots=True)
class Winding:
    """One winding of a transformer.

    `kv` is rated line-to-line for a three-phase winding and across the winding for a single-phase one; `tap` is the turns
    ratio in per unit of rated; the tap changer has `tap_steps` equal steps from `tap_min` to `tap_max`.
    """

    bus: str
    nodes: Nodes
    connection: Connection
    kv: float
    kva: float
    r_pct: float = 0.0
    tap: float = 1.0
    tap_min: float = 0.9
    tap_max: float = 1.1
    tap_steps: int = 32


@dataclass(frozen=True, slots=True)
class Transformer:
    """A transformer of one or three phases and two or more windings, any connection; also the body of a voltage regulator.

    `x_pct`: leakage reactance of the winding pairs (1,2), (1,3), ..., (2,3), ... in percent of the first winding's kVA.
    `noload_loss_pct`, `magnetizing_pct`: shunt on the second winding, percent of the first winding's kVA. Below zero the
        magnetising part is a charging current.
    `first_noload_loss_pct`, `first_magnetizing_pct`: the same on the first winding, for a core that stands between the two.
    `antifloat_ppm`: reactive shunt to ground, half at each end of every winding, parts per million of rated kVA; holds
        floating deltas in place.
    `low_side_leads`: in a three-phase unit whose windings 1 and 2 are wye and delta the low-voltage one of these lags by 30
        degrees (ANSI, Dy1, Yd1) unless this is True (Dy11, Yd11). Deltas among further windings are closed the same way.
    `shift_deg`: by how much winding 2 lags winding 1; only in single-phase equivalents, elsewhere the connections make the shift.
    `rating_kva`: what loading is measured against; None takes the first winding's kVA.
    """

    name: str
    phases: int
    windings: tuple[Winding, ...]
    x_pct: tuple[float, ...]
    noload_loss_pct: float = 0.0
    magnetizing_pct: float = 0.0
    first_noload_loss_pct: float = 0.0
    first_magnetizing_pct: float = 0.0
    antifloat_ppm: float = 0.0
    low_side_leads: bool = False
    shift_deg: float = 0.0
    rating_kva: float | None = None


@dataclass(frozen=True, slots=True)
class Regulator:
    """Tap control of one transformer winding, with line-drop compensation.

    Holds the compensated voltage within `v_set_v` +- `band_v`/2 on the 120 V side of a potential transformer of ratio
    `pt_ratio`; the compensator settings `r_v`, `x_v` are volts at the rated current `ct_primary_a`. `phase` is the winding
    phase that is measured (1 = first); with `phase_rule` it is whichever has the highest or lowest voltage. `remote_bus` with
    `remote_node`: regulate that node directly, without compensation; its voltage is taken to ground, or to `remote_node_to`, and
    reaches it through a potential transformer of `remote_pt_ratio`, None for the same ratio. A smaller `delay_s` acts first; with
    `inverse_time` it is the delay at half a band from the set point and shrinks with the distance, down to a tenth.

    `tap_winding`: the winding that it moves, None for the one that it measures; another one moves the other way.
    `v_limit_v`: highest voltage at its winding, without compensation [V of the secondary]; above it the tap goes down.
    `z_v`, `reverse_z_v`: compensation by magnitudes, |V| - z |I|, in place of that by `r_v`, `x_v` where `z_v` is not zero.

    `reverse_mode`: what it does once the active power that leaves its winding is below -`reverse_threshold_kw`, until it is above
        it: "none", as before; "source-side", hold the voltage on the other side; "cogeneration", regulate as before; "neutral",
        go to the ratio one. The first two of these take `reverse_v_set_v`, `reverse_band_v`, `reverse_r_v`, `reverse_x_v` for the
        settings above. It waits `reverse_delay_s` for the change and `neutral_delay_s` for a tap on the way to neutral.
    """

    name: str
    transformer: str
    winding: int
    v_set_v: float
    band_v: float
    pt_ratio: float
    ct_primary_a: float = 300.0
    r_v: float = 0.0
    x_v: float = 0.0
    delay_s: float = 15.0
    phase: int = 1
    max_tap_change: int = 16
    remote_bus: str | None = None
    remote_node: int | None = None
    remote_node_to: int | None = None
    reverse_mode: ReverseMode = "none"
    reverse_threshold_kw: float = 100.0
    reverse_delay_s: float = 60.0
    reverse_v_set_v: float = 120.0
    reverse_band_v: float = 3.0
    reverse_r_v: float = 0.0
    reverse_x_v: float = 0.0
    neutral_delay_s: float = 2.0
    phase_rule: WatchedPhases = "one"
    tap_winding: int | None = None
    v_limit_v: float | None = None
    z_v: float = 0.0
    reverse_z_v: float = 0.0
    remote_pt_ratio: float | None = None
    inverse_time: bool = False

    @property
    def moved_winding(self) -> int:
        """The winding whose tap it moves, counted from 1."""
        return self.tap_winding or self.winding


@dataclass(frozen=True, slots=True)
class Capacitor:
    """A shunt capacitor bank of `steps` equal steps, `steps_on` of them in. `kv` as in `Winding`; `kvar` is the total of all
    steps and phases.
    """

    name: str
    bus: str
    nodes: Nodes
    connection: Connection
    kvar: float
    kv: float
    steps: int = 1
    steps_on: int = 1


@dataclass(frozen=True, slots=True)
class CapacitorControl:
    """Switches a capacitor by voltage, current, reactive power or power factor seen at a terminal of a line, transformer or
    bank, or by the time of day.

    `element`, `element_kind`: what it measures at; None takes the line of that name, else the transformer, else the bank.
    `on_setting`, `off_setting`: volts on the PT secondary, amperes on the CT secondary, or kvar into the element at that
        terminal; a power factor from 0 to 2, P / S for a lagging one and 2 - P / S for a leading one; hours of a day, of which
        a power flow takes the first.
    `phase` counts the terminal's conductors from 1; the voltage of a delta bank is that to the next one of its phases.
        `current_phase`: that of the current, None for the same. With `voltage_rule`, `current_rule` it reads all phases.
    With `voltage_override`, which a control by voltage does without, the PT-secondary voltage below `v_min_v` forces the bank
        in, above `v_max_v` out. `override_bus`, `override_nodes`: where that voltage is read, None for the element's terminal;
        `phase` then counts these nodes.
    `least_kvar_pct`: by power factor, an open bank comes in only where more than this part of its rating flows [%].
    `dead_time_s`: a bank of one step that was opened waits that long before it closes again, beside `delay_on_s`.
    `starts_closed`: a bank that begins with no step in counts as closed, as OpenDSS has it: low voltage does not force it in
        before the control has opened it once.
    """

    name: str
    capacitor: str
    kind: CapacitorControlKind
    element: str
    terminal: int
    on_setting: float
    off_setting: float
    phase: int = 1
    pt_ratio: float = 60.0
    ct_ratio: float = 60.0
    delay_on_s: float = 15.0
    delay_off_s: float = 15.0
    dead_time_s: float = 300.0
    voltage_override: bool = False
    v_min_v: float = 115.0
    v_max_v: float = 126.0
    starts_closed: bool = False
    element_kind: MeteredKind | None = None
    voltage_rule: PhaseRule = "one"
    current_rule: PhaseRule = "one"
    current_phase: int | None = None
    override_bus: str | None = None
    override_nodes: Nodes | None = None
    least_kvar_pct: float = 50.0


@dataclass(frozen=True, slots=True)
class Load:
    """A load; P, Q > 0 is consumption, the total of its phases, spread evenly over them.

    `kv` is rated across one phase: line-to-neutral for wye, line-to-line for delta.
    `zip_p`, `zip_q`: shares of constant impedance, constant current, constant power at rated voltage, each summing to one.
    `v_low_pu`, `v_min_pu`, `v_max_pu`: the voltage band outside which OpenDSS turns the load into an impedance; used by solves
        of the load model "opendss-band".
    `power_outside`: that impedance is the one of a constant-power load, whatever the shares (OpenDSS' models 3, 4, 6, 7).
    `q_impedance_outside`: the impedance of Q is that at rated voltage, and that of P down to `v_low_pu` the one at `v_min_pu`
        (OpenDSS' models 6, 7).
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
    v_min_pu: float = 0.95
    v_max_pu: float = 1.05
    v_low_pu: float = 0.5
    power_outside: bool = False
    q_impedance_outside: bool = False


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


@dataclass(frozen=True, slots=True)
class Storage:
    """A battery with its state in the snapshot; at most one of `p_charge_kw`, `p_discharge_kw` is above zero. `kv` as in
    `Load`, limits and costs as in `Generator`, of what it injects.
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


@dataclass(frozen=True, slots=True)
class Shunt:
    """A constant admittance to ground: takes `p_kw`, `q_kvar` (> 0 inductive) in total at rated voltage `kv` across each
    phase.

    `is_loss`: it is a part of a line or transformer, such as the impedance in a winding's own neutral, and counts among the
    losses; else it takes its power on purpose.
    """

    name: str
    bus: str
    nodes: Nodes
    connection: Connection
    kv: float
    p_kw: float
    q_kvar: float
    is_loss: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """The grid behind the feeder: a voltage of `v_pu` of `kv_ll` at `angle_deg` behind a sequence impedance; zero impedance
    makes it ideal. Limits and cost are of what it delivers, as in `Generator`.

    `r2_ohm`, `x2_ohm`: impedance of the negative sequence where it is another than that of the positive one (None).
    `phase_v_pu`, `phase_angle_deg`: voltage of each of its nodes where they differ, in place of `v_pu` and of `angle_deg` less
    120 degrees from node to node.
    """

    name: str
    bus: str
    nodes: Nodes
    kv_ll: float
    v_pu: float = 1.0
    angle_deg: float = 0.0
    r1_ohm: float = 0.0
    x1_ohm: float = 0.0
    r0_ohm: float = 0.0
    x0_ohm: float = 0.0
    r2_ohm: float | None = None
    x2_ohm: float | None = None
    p_low_limit_kw: float | None = None
    p_high_limit_kw: float | None = None
    q_low_limit_kvar: float | None = None
    q_high_limit_kvar: float | None = None
    cost_per_kwh: float | None = None
    phase_v_pu: tuple[float, ...] | None = None
    phase_angle_deg: tuple[float, ...] | None = None

    @property
    def voltages_pu(self) -> tuple[float, ...]:
        """Voltage of each of its nodes relative to its rated one [pu]."""
        return (
            (self.v_pu,) * len(self.nodes)
            if self.phase_v_pu is None
            else self.phase_v_pu
        )

    @property
    def angles_deg(self) -> tuple[float, ...]:
        """Angle of the voltage of each of its nodes."""
        if self.phase_angle_deg is not None:
            return self.phase_angle_deg
        return tuple(self.angle_deg - 120.0 * k for k in range(len(self.nodes)))


Der = Pv | Storage | Generator
"""A distributed energy resource: something at a bus that injects (or, charging, takes) power under somebody's control."""
