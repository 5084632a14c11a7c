"""The transformer between a bus of the host and one of a part.

A part of three phases gets one three-phase unit, in any connection of wye and delta. A part of one or two phases gets a unit of
one phase, wye to wye, for each of them, which share the rating. Rated voltages are those of the two buses. Half of the
resistance stands in each winding, as is usual where only their sum is known.

Left out: no-load loss and magnetising current, windings across two phases, split-phase services.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tieline.feeders.compose.config import JoiningTransformer
from tieline.feeders.elements import Bus, Connection, Nodes, Transformer, Winding
from tieline.units import SQRT3

THREE_PHASES = 3


@dataclass(frozen=True, slots=True)
class Terminal:
    """One side of the transformer: a bus, its phases in order, and whether one node stands for three phases."""

    bus: Bus
    phases: Nodes
    single_phase_equivalent: bool

    @property
    def kv_of_one_phase(self) -> float:
        """Voltage across a winding of one phase, to ground [kV]."""
        if self.single_phase_equivalent:
            return self.bus.kv_ll
        return self.bus.kv_ll / SQRT3


def joining_transformers(
    name: str, joint: JoiningTransformer, host: Terminal, part: Terminal
) -> tuple[Transformer, ...]:
    """The units between two terminals of equally many phases; the first winding is at the host."""
    if len(part.phases) == THREE_PHASES:
        return (_three_phase_unit(name, joint, host, part),)
    n_units = len(part.phases)
    names = [name] if n_units == 1 else [f"{name}_{phase}" for phase in part.phases]
    pairs = zip(host.phases, part.phases, strict=True)
    return tuple(
        _unit(unit_name, joint, (host, host_phase), (part, part_phase), n_units)
        for unit_name, (host_phase, part_phase) in zip(names, pairs, strict=True)
    )


def _three_phase_unit(
    name: str, joint: JoiningTransformer, host: Terminal, part: Terminal
) -> Transformer:
    host_connection, _, part_connection = joint.connection.partition("-")
    at_host = _three_phase_winding(joint, host, host_connection)  # type: ignore[arg-type]
    at_part = _three_phase_winding(joint, part, part_connection)  # type: ignore[arg-type]
    return Transformer(
        name,
        phases=THREE_PHASES,
        windings=(_tapped(at_host, joint.tap), at_part),
        x_pct=(joint.x_pct,),
        rating_kva=joint.rating_kva,
    )


def _three_phase_winding(
    joint: JoiningTransformer, terminal: Terminal, connection: Connection
) -> Winding:
    star_point = (0,) if connection == "wye" else ()
    return Winding(
        bus=terminal.bus.name,
        nodes=(*terminal.phases, *star_point),
        connection=connection,
        kv=terminal.bus.kv_ll,
        kva=joint.kva,
        r_pct=joint.r_pct / 2,
    )


def _unit(
    name: str,
    joint: JoiningTransformer,
    host: tuple[Terminal, int],
    part: tuple[Terminal, int],
    n_units: int,
) -> Transformer:
    """A unit of one phase; a share of the rating is its own."""
    # the rating that is stated is that of the bank
    unit_kva = joint.kva / n_units
    rating_kva = None if joint.rating_kva is None else joint.rating_kva / n_units
    windings = []
    for terminal, phase in (host, part):
        winding = Winding(
            bus=terminal.bus.name,
            nodes=(phase, 0),
            connection="wye",
            kv=terminal.kv_of_one_phase,
            kva=unit_kva,
            r_pct=joint.r_pct / 2,
        )
        windings.append(winding)
    at_host, at_part = windings
    return Transformer(
        name,
        phases=1,
        windings=(_tapped(at_host, joint.tap), at_part),
        x_pct=(joint.x_pct,),
        rating_kva=rating_kva,
    )


def _tapped(winding: Winding, tap: float) -> Winding:
    """The winding with another ratio of turns, and limits of its tap changer that hold it."""
    tap_min = min(winding.tap_min, tap)
    tap_max = max(winding.tap_max, tap)
    return replace(winding, tap=tap, tap_min=tap_min, tap_max=tap_max)
