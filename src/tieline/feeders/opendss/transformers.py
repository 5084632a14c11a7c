"""Transformers with all their windings; the impedance of a neutral that is not ground becomes a shunt that counts as loss."""

from __future__ import annotations

from dataclasses import replace

from tieline.feeders.elements import Nodes, Shunt, Transformer, Winding
from tieline.feeders.opendss.branches import remainder_of
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.connections import neutral_shunt
from tieline.units import SQRT3

STEP_DUST = 1e-6
"""Part of a step by which a tap may miss one through rounding."""


def read_transformers(
    circuit: DssCircuit, report: Report
) -> tuple[list[Transformer], list[Shunt]]:
    """All transformers, and the shunts at their neutrals."""
    records = [
        record
        for record in circuit.records("Transformer")
        if _is_representable(record, report)
    ]
    shunts = [
        shunt
        for record in records
        for shunt in _neutral_shunts(record, hertz_ratio(circuit, record))
    ]
    shunts += _open_units(circuit, report)
    regulated = {
        (str(r["Transformer"]).lower(), int(r["TapWinding"]))
        for r in circuit.records("RegControl")
    }
    _note_taps_between_steps(records, regulated, report)
    units = [
        _transformer(record, regulated, hertz_ratio(circuit, record))
        for record in records
    ]
    return units, shunts


def _open_units(circuit: DssCircuit, report: Report) -> list[Shunt]:
    """What units that are open at all windings but one still take there: the current that magnetises them."""
    shunts = []
    for record in circuit.records("Transformer"):
        if _is_open(record):
            what = "It is open; the bus where it is closed keeps the current that magnetises it."
            report.warning("OPEN_TRANSFORMER", record.component, what)
            shunts += remainder_of(circuit, record, f"open_{record.name}")
    return shunts


def _is_open(record: Record) -> bool:
    """Whether every winding but one is open in all its phases."""
    ends = record.terminals
    phases = int(record["Phases"])
    n_closed = sum(not any(end.is_open) for end in ends)
    n_cut_off = sum(all(end.is_open[:phases]) for end in ends)
    return n_closed == 1 and n_cut_off == len(ends) - 1


def hertz_ratio(circuit: DssCircuit, record: Record) -> float:
    """The circuit's frequency in parts of the one that an element's data are for; reactances grow with it."""
    return circuit.frequency_hz / float(record["BaseFreq"])


def _note_taps_between_steps(
    records: list[Record], regulated: set[tuple[str, int]], report: Report
) -> None:
    """Name the regulated windings whose ratio is none of their changer's; they move from there by whole steps."""
    what = "Its tap stands between two steps; at the end of its range it stops up to one step before OpenDSS does."
    remedy = "Set a tap that MinTap, MaxTap and NumTaps give."
    for record in records:
        for k in range(len(record.terminals)):
            if (record.name, k + 1) in regulated and _is_between_steps(record, k):
                report.warning("TAP_BETWEEN_STEPS", record.component, what, remedy)


def _is_between_steps(record: Record, k: int) -> bool:
    """Whether the ratio of winding k is none that its changer has, counted from its lowest."""
    lowest = float(record["MinTap"][k])
    highest = float(record["MaxTap"][k])
    if highest <= lowest:
        return False
    share = (float(record["Taps"][k]) - lowest) / (highest - lowest)
    position = share * int(record["NumTaps"][k])
    return abs(position - round(position)) > STEP_DUST


def _is_representable(record: Record, report: Report) -> bool:
    before = len(report.errors)
    if record["Phases"] > 3:
        what = f"A transformer of {record['Phases']} phases is not supported."
        report.error(
            "CONNECTION", record.component, what, "Give a transformer for each phase."
        )
    # a transformer has no open state here; a line beside it has one
    if _is_open(record):
        return False
    if record.is_partly_open or record.is_cut_off:
        what = "Some of its conductors or windings are open."
        report.error(
            "PARTLY_OPEN",
            record.component,
            what,
            "Disable it, or open a line beside it.",
        )
    return len(report.errors) == before


def _connections(record: Record) -> list[str]:
    return [
        "delta" if str(conn).lower() in ("delta", "ll") else "wye"
        for conn in record["Conns"]
    ]


def _transformer(
    record: Record, regulated: set[tuple[str, int]], ratio: float
) -> Transformer:
    return Transformer(
        name=record.name,
        phases=int(record["Phases"]),
        windings=tuple(
            _winding(record, k, (record.name, k + 1) in regulated, ratio)
            for k in range(len(record.terminals))
        ),
        x_pct=tuple(float(x) * ratio for x in record["XSCArray"]),
        noload_loss_pct=float(record["pctNoLoadLoss"]),
        magnetizing_pct=float(record["pctIMag"]) / ratio,
        antifloat_ppm=float(record["ppm_Antifloat"]),
        # Dy11, the European way; the engine takes either word
        low_side_leads=str(record["LeadLag"]).lower() in ("lead", "euro"),
        rating_kva=record.stated_rating("NormHkVA"),
    )


def _winding(record: Record, k: int, is_regulated: bool, ratio: float) -> Winding:
    """Winding k. The range of a changer that nothing moves takes in the tap at which it stands."""
    nodes, connection = winding_nodes(record, k)
    tap = float(record["Taps"][k])
    lowest = float(record["MinTap"][k])
    highest = float(record["MaxTap"][k])
    steps = int(record["NumTaps"][k])
    # a file may ask that the resistance grows like the reactance
    r_ratio = ratio if record["XRConst"] else 1.0
    if not is_regulated:
        lowest = min(lowest, tap)
        highest = max(highest, tap)
        steps = max(steps, 1)
    return Winding(
        bus=record.terminals[k].bus,
        nodes=nodes,
        connection="delta" if connection == "delta" else "wye",
        kv=float(record["kVs"][k]),
        kva=float(record["kVAs"][k]),
        r_pct=float(record["pctRs"][k]) * r_ratio,
        tap=tap,
        tap_min=lowest,
        tap_max=highest,
        tap_steps=steps,
    )


def winding_nodes(record: Record, k: int) -> tuple[Nodes, str]:
    """Nodes and connection of winding k; the one branch of a one-phase delta that ends at ground is a wye branch."""
    phases = int(record["Phases"])
    is_delta = _connections(record)[k] == "delta"
    nodes = record.terminals[k].nodes
    # the delta of two phases is open: from the first node to the second, from there to the third
    if is_delta and phases > 1:
        return nodes[:3], "delta"
    nodes = nodes[: phases + 1]
    if is_delta and 0 not in nodes:
        return nodes, "delta"
    return nodes, "wye"


def _neutral_shunts(record: Record, ratio: float) -> list[Shunt]:
    shunts: list[Shunt] = []
    for k, connection in enumerate(_connections(record)):
        if connection == "wye":
            name = f"neutral_{record.name}_{k + 1}"
            terminal = record.terminals[k]
            node = terminal.nodes[record["Phases"]]
            x_ohm = float(record["XNeut"][k]) * ratio
            shunt = neutral_shunt(name, terminal.bus, node, record["RNeut"][k], x_ohm)
            if shunt is not None:
                q_kvar = shunt.q_kvar - _antifloat_kvar(record, k)
                shunts.append(replace(shunt, q_kvar=q_kvar, is_loss=True))
    return shunts


def _antifloat_kvar(record: Record, k: int) -> float:
    """What half the antifloat shunt of winding k takes at the 1 kV of a neutral's shunt.

    A transformer puts that much at every neutral of a wye, in case nothing earths it; OpenDSS leaves it out where the winding has
    a neutral impedance.
    """
    phases = int(record["Phases"])
    winding_kv = float(record["kVs"][k])
    if phases > 1:
        winding_kv /= SQRT3
    phase_kva = float(record["kVAs"][0]) / phases
    half_of_antifloat = 0.5e-6 * float(record["ppm_Antifloat"])
    return half_of_antifloat * phase_kva / winding_kv**2
