"""How loads, DERs and shunts hang on a bus: connection, nodes and voltage across one phase, for any kind of record."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.feeders.elements import Connection, Nodes, Shunt
from tieline.feeders.opendss.circuit import Record, Report
from tieline.units import SQRT3

SOLID_SIEMENS = 1e6
"""What OpenDSS takes for a solidly grounded neutral (Rneut = Xneut = 0)."""


@dataclass(frozen=True)
class Hookup:
    """Bus, nodes in the order of `feeders.elements`, connection, and rated voltage across one phase [kV]."""

    bus: str
    nodes: Nodes
    connection: Connection
    kv: float


def hookup(record: Record, report: Report) -> Hookup | None:
    """Hookup of a one-terminal element; None, with an error, where tieline has no such connection."""
    terminal = record.terminals[0]
    phases = int(record["Phases"])
    kv = float(record["kV"])
    delta = is_delta(record)
    if phases > 3:
        what = f"A {'delta' if delta else 'wye'} element of {phases} phases is not supported."
        report.error(
            "CONNECTION", record.component, what, "Split it into single phases."
        )
        return None
    if delta and phases == 3:
        return Hookup(terminal.bus, terminal.nodes[:3], "delta", kv)
    if delta and phases == 2:
        # open: from the first node to the second and on to the third, two branches that meet in one
        first, second, third = terminal.nodes[:3]
        return Hookup(terminal.bus, (first, third, second), "wye", kv)
    nodes = terminal.nodes[: phases + 1]
    # a branch of a delta that ends at ground is one of a wye
    if delta and 0 not in nodes:
        return Hookup(terminal.bus, nodes, "delta", kv)
    # OpenDSS rates one phase by the voltage across it, several by the one between them
    return Hookup(terminal.bus, nodes, "wye", kv if phases == 1 else kv / SQRT3)


def is_delta(record: Record) -> bool:
    """Whether the file connects an element in delta; a class without the choice has none."""
    return str(record.properties.get("Conn")).lower() in ("delta", "ll")


def is_in_service(record: Record, report: Report) -> bool:
    """Whether all conductors of the element are closed; says so if not."""
    if record.is_partly_open:
        report.error(
            "PARTLY_OPEN",
            record.component,
            "Some of its conductors are open.",
            "Disable it or split it into phases.",
        )
    if record.is_cut_off:
        report.warning(
            "OPEN_ELEMENT_DROPPED",
            record.component,
            "Its terminal is open, so it is left out.",
        )
    return not record.is_cut_off


def has_size(record: Record, report: Report, *sizes: float) -> bool:
    """Whether an element has any size; says so if not. Scripts leave placeholders of size zero behind."""
    if not any(sizes):
        report.warning(
            "SIZE_ZERO", record.component, "Its size is zero, so it is left out."
        )
    return any(sizes)


def neutral_shunt(
    name: str, bus: str, node: int, r_ohm: float, x_ohm: float
) -> Shunt | None:
    """Impedance from a neutral conductor to ground; None if the neutral is ground itself or has no impedance (r < 0)."""
    if node == 0 or r_ohm < 0:
        return None
    z_ohm = complex(r_ohm, x_ohm)
    admittance = 1 / z_ohm if z_ohm else complex(SOLID_SIEMENS)
    # at 1 kV a siemens takes a megawatt
    return Shunt(
        name,
        bus,
        (node, 0),
        "wye",
        kv=1.0,
        p_kw=admittance.real * 1e3,
        q_kvar=-admittance.imag * 1e3,
    )
