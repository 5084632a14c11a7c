"""Sources, of one to three phases in any sequence, behind a sequence impedance.

Three sources of one phase at one bus, as OpenDSS users write voltages that differ by phase, are one source here, and so are
several at the same nodes. The engine's "ideal" source stands behind an impedance too, a very small one.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from tieline.feeders.elements import Source
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.units import SQRT3, tidy

THREE = 3
IDEAL = "Ideal"
"""Name of the model in the engine."""

TURN_DEG = 120.0
"""From phase to phase of a symmetrical source."""

TURNS = {"Positive": -1, "Negative": 1, "Zero": 0}
"""Which way the phases of a source follow each other, by the engine's word for its sequence."""

SAME_IMPEDANCE = 1e-9
"""Largest relative difference between impedances that count as equal."""


def align_frequency(circuit: DssCircuit, report: Report) -> None:
    """Let every source feed the circuit at the frequency at which it is solved.

    A base frequency that is set after `New Circuit` leaves the source at another one; the engine then finds no voltage anywhere.
    """
    for properties in circuit.objects("Vsource", full=True):
        source_hz = float(properties["Frequency"])
        if source_hz != circuit.frequency_hz:
            name = str(properties["Name"]).lower()
            what = (
                f"It is a source of {source_hz:g} Hz in a circuit of {circuit.frequency_hz:g} Hz: OpenDSS "
                "finds no voltage; here it feeds the circuit."
            )
            report.warning(
                "SOURCE_FREQUENCY",
                f"vsource {name}",
                what,
                "Set DefaultBaseFrequency before New Circuit.",
            )
            # its impedance is for the frequency that was meant, too
            hz = repr(circuit.frequency_hz)
            circuit.engine.Text.Command(
                f"edit vsource.{name} frequency={hz} basefreq={hz}"
            )


def read_sources(circuit: DssCircuit, report: Report) -> list[Source]:
    """The sources of the feeder; errors for what cannot be one."""
    records = circuit.records("Vsource")
    if not records:
        report.error(
            "NO_SOURCE",
            f"circuit {circuit.name}",
            "Its source is disabled.",
            "Enable it.",
        )
    by_bus: dict[str, list[Record]] = {}
    for record in records:
        by_bus.setdefault(record.terminals[0].bus, []).append(record)
    return [
        source
        for at_bus in by_bus.values()
        for source in _sources_at_bus(at_bus, circuit.frequency_hz, report)
    ]


def _sources_at_bus(
    records: Sequence[Record], frequency_hz: float, report: Report
) -> list[Source]:
    if _are_phases_of_one(records):
        return [_source_of_phases(records, frequency_hz, report)]
    sources: list[Source] = []
    for record in records:
        source = _source(record, frequency_hz, report)
        twin = next((k for k, s in enumerate(sources) if _turn_alike(s, source)), None)
        if twin is None:
            sources.append(source)
            continue
        what = f"It feeds the same nodes as source {sources[twin].name}; they are one source, of which no part is told."
        report.warning("SOURCES_MERGED", record.component, what)
        sources[twin] = _in_parallel(sources[twin], source)
    return sources


def _turn_alike(first: Source, second: Source) -> bool:
    """Whether two sources of a bus feed the same nodes in the same sequence, so that they can be one."""
    has_angles = first.phase_angle_deg or second.phase_angle_deg
    return first.nodes == second.nodes and not has_angles


def _in_parallel(first: Source, second: Source) -> Source:
    """Two sources at the same nodes as one: in each sequence the impedances in parallel, and the voltage that drives no current
    between them; only the positive one has any.
    """
    pair = (first, second)
    ones = [1 / complex(source.r1_ohm, source.x1_ohm) for source in pair]
    zeros = [1 / complex(source.r0_ohm, source.x0_ohm) for source in pair]
    currents = [
        cmath.rect(source.v_pu * source.kv_ll, math.radians(source.angle_deg)) * one
        for source, one in zip(pair, ones, strict=True)
    ]
    z1_ohm = 1 / sum(ones)
    z0_ohm = 1 / sum(zeros)
    z2_ohm = 1 / sum(1 / _negative_ohm(source) for source in pair)
    voltage_kv = sum(currents) * z1_ohm
    return replace(
        first,
        v_pu=abs(voltage_kv) / first.kv_ll,
        angle_deg=math.degrees(cmath.phase(voltage_kv)),
        r1_ohm=z1_ohm.real,
        x1_ohm=z1_ohm.imag,
        r0_ohm=z0_ohm.real,
        x0_ohm=z0_ohm.imag,
        **_other_negative(z1_ohm, z2_ohm),
    )


def _negative_ohm(source: Source) -> complex:
    """Impedance of the negative sequence [ohm]."""
    if source.r2_ohm is None or source.x2_ohm is None:
        return complex(source.r1_ohm, source.x1_ohm)
    return complex(source.r2_ohm, source.x2_ohm)


class NegativeSequence(TypedDict, total=False):
    """Fields of a source whose negative sequence sees another impedance than the positive one."""

    r2_ohm: float
    x2_ohm: float


def _other_negative(z1_ohm: complex, z2_ohm: complex) -> NegativeSequence:
    """The impedance of the negative sequence; nothing where it is that of the positive one."""
    if abs(z1_ohm - z2_ohm) <= SAME_IMPEDANCE * abs(z1_ohm):
        return {}
    return {"r2_ohm": z2_ohm.real, "x2_ohm": z2_ohm.imag}


def _are_phases_of_one(records: Sequence[Record]) -> bool:
    """Whether the sources of a bus are the phases of one: each at a phase of its own, equal but for their voltage."""
    if len(records) != THREE or any(record["Phases"] != 1 for record in records):
        return False
    nodes = {record.terminals[0].nodes[0] for record in records}
    first = records[0]
    z = _self_impedance(first)
    is_equal = all(
        record["BasekV"] == first["BasekV"]
        and abs(_self_impedance(record) - z) <= SAME_IMPEDANCE * abs(z)
        for record in records
    )
    return len(nodes) == THREE and is_equal


def _source_of_phases(
    records: Sequence[Record], frequency_hz: float, report: Report
) -> Source:
    """Three sources of one phase as one, whose phases nothing couples: Z0 is Z1."""
    # files list the phases in any order, and voltages go with nodes
    ordered = sorted(records, key=lambda record: record.terminals[0].nodes[0])
    singles = [_source(record, frequency_hz, report) for record in ordered]
    first = singles[0]
    voltages = tuple(single.v_pu for single in singles)
    angles = tuple(single.angle_deg for single in singles)
    is_even = len(set(voltages)) == 1
    # Files write the third angle as 120 or as -240.
    is_symmetrical = all(
        (angles[0] - TURN_DEG * k - angles[k]) % 360 == 0 for k in range(THREE)
    )
    return replace(
        first,
        nodes=tuple(single.nodes[0] for single in singles),
        r0_ohm=first.r1_ohm,
        x0_ohm=first.x1_ohm,
        phase_v_pu=None if is_even else voltages,
        phase_angle_deg=None if is_symmetrical else angles,
    )


def _source(record: Record, frequency_hz: float, report: Report) -> Source:
    _check(record, report)
    ratio = frequency_hz / float(record["BaseFreq"])
    z1 = complex(*_ohm(record, "Z1"))
    z0 = complex(*_ohm(record, "Z0"))
    is_single = record["Phases"] == 1
    if is_single:
        z1 = z0 = _self_impedance(record)
    z2 = z1 if is_single else complex(*_ohm(record, "Z2"))
    z1, z2, z0 = (_at_ratio(z, ratio) for z in (z1, z2, z0))
    # an ideal source has its impedance at its own frequency, and is none above that
    if record["Model"] == IDEAL and ratio <= 1:
        z1 = z2 = z0 = _small_impedance(record)
    return Source(
        name=record.name,
        bus=record.terminals[0].bus,
        nodes=record.terminals[0].nodes,
        kv_ll=_line_to_line_kv(record),
        v_pu=float(record["pu"]),
        angle_deg=float(record["Angle"]),
        r1_ohm=z1.real,
        x1_ohm=z1.imag,
        r0_ohm=z0.real,
        x0_ohm=z0.imag,
        phase_angle_deg=_angles_deg(record),
        **_other_negative(z1, z2),
    )


def _line_to_line_kv(record: Record) -> float:
    """Voltage of a source as that between three phases: OpenDSS states it to neutral for one, between neighbours for several."""
    kv = float(record["BasekV"])
    phases = int(record["Phases"])
    if phases == 1:
        return kv * SQRT3
    return kv if phases == THREE else kv / (2 * math.sin(math.pi / phases)) * SQRT3


def _angles_deg(record: Record) -> tuple[float, ...] | None:
    """Angles of the phases; None where they are those of three phases in positive sequence, or of one."""
    phases = int(record["Phases"])
    sequence = str(record["Sequence"])
    if phases == 1 or (phases == THREE and sequence == "Positive"):
        return None
    step_deg = TURNS[sequence] * 360.0 / phases
    return tuple(float(record["Angle"]) + step_deg * k for k in range(phases))


def _at_ratio(z_ohm: complex, ratio: float) -> complex:
    """An impedance at that many times the frequency of its data: its reactance grows."""
    return complex(z_ohm.real, z_ohm.imag * ratio)


def _small_impedance(record: Record) -> complex:
    """What the engine puts behind an ideal source: `puZIdeal`, on its voltage and BaseMVA [ohm]."""
    base_ohm = float(record["BasekV"]) ** 2 / float(record["BaseMVA"])
    return complex(*_ohm(record, "puZIdeal")) * base_ohm


def _self_impedance(record: Record) -> complex:
    """The engine's impedance of one phase alone [ohm]; where the file gives Z1, its Z0 is the same."""
    return sum(complex(*_ohm(record, name)) for name in ("Z1", "Z2", "Z0")) / 3


def _ohm(record: Record, name: str) -> tuple[float, float]:
    resistance, reactance = record[name]
    return tidy(resistance), tidy(reactance)


def _check(record: Record, report: Report) -> None:
    if record["Phases"] > THREE:
        what = f"A source of {record['Phases']} phases is not supported."
        report.error("SOURCE", record.component, what, "Give one to three phases.")
    if any(record.terminals[1].nodes):
        report.error(
            "SOURCE",
            record.component,
            "Its second terminal is not grounded.",
            "Connect it to ground.",
        )
    if any(any(terminal.is_open) for terminal in record.terminals):
        report.error("SOURCE", record.component, "It is open.", "Close it.")
