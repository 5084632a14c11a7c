"""The grid itself: buses, and the lines, transformers, capacitors, shunts and sources of voltage or current at them."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.feeders.elements.terms import Connection, Matrix, Nodes, OpenEnd

PHASE_STEP_DEG = 120.0
"""From phase to phase of a symmetrical source."""


@dataclass(frozen=True, slots=True)
class Bus:
    """A place where elements meet.

    `kv_ll` is the voltage base, line-to-line [kV]; `x`, `y` are drawing coordinates in any length unit, None if unknown.
    `v_low_limit_pu`, `v_high_limit_pu`: limits of this place, None for those of the study (`feeders.limits`).
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
        return _positive_sequence_deg(self.angle_deg, len(self.nodes))


@dataclass(frozen=True, slots=True)
class CurrentSource:
    """An ideal current source: it drives `current_a` at `angle_deg` from ground into each of its nodes, whatever their voltage.

    `phase_angle_deg`: angle of each of its nodes where they are not those of the positive sequence, `angle_deg` less 120 degrees
    from node to node. In a single-phase equivalent the current is that of one phase.
    """

    name: str
    bus: str
    nodes: Nodes
    current_a: float
    angle_deg: float = 0.0
    phase_angle_deg: tuple[float, ...] | None = None

    @property
    def angles_deg(self) -> tuple[float, ...]:
        """Angle of the current into each of its nodes."""
        if self.phase_angle_deg is not None:
            return self.phase_angle_deg
        return _positive_sequence_deg(self.angle_deg, len(self.nodes))


def _positive_sequence_deg(first_deg: float, count: int) -> tuple[float, ...]:
    return tuple(first_deg - PHASE_STEP_DEG * k for k in range(count))
