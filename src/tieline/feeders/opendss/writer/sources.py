"""Sources as OpenDSS commands; the first one comes with the circuit."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.errors import InputError
from tieline.feeders.elements import Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.writer.words import Properties, at, command
from tieline.feeders.smallest import smallest_impedance_pu
from tieline.units import SQRT3, base_ohm


def source_commands(feeder: Feeder) -> Iterator[str]:
    """All sources; the circuit brings the first one along.

    Raises:
        InputError: if a source has a voltage per phase behind an impedance that couples them.
    """
    for k, source in enumerate(feeder.sources):
        parts = _parts(feeder, source)
        for number, (name, properties) in enumerate(parts):
            is_first = k == 0 and number == 0
            head = f"new circuit.{feeder.name}" if is_first else f"new vsource.{name}"
            yield command(head, properties)


def _parts(feeder: Feeder, source: Source) -> list[tuple[str, Properties]]:
    """Names and properties of the sources that OpenDSS needs for one."""
    if source.phase_v_pu is not None or source.phase_angle_deg is not None:
        return _one_for_each_phase(feeder, source)
    as_stated = feeder.single_phase_equivalent or len(source.nodes) > 1
    z1, z0 = _source_impedances(feeder, source)
    properties: Properties = {
        "bus1": at(source.bus, source.nodes),
        "phases": len(source.nodes),
        "basekv": source.kv_ll if as_stated else source.kv_ll / SQRT3,
        "pu": source.v_pu,
        "angle": source.angle_deg,
        "z1": z1,
        "z0": z0,
    }
    if source.r2_ohm is not None or source.x2_ohm is not None:
        properties["z2"] = (source.r2_ohm or 0.0, source.x2_ohm or 0.0)
    return [(source.name, properties)]


def _one_for_each_phase(feeder: Feeder, source: Source) -> list[tuple[str, Properties]]:
    """A source of one phase for each node, the only way that OpenDSS has for voltages of their own."""
    z1, z0 = _source_impedances(feeder, source)
    if z1 != z0:
        raise InputError(
            f"Source '{source.name}' of feeder '{feeder.name}' has a voltage per phase behind an impedance that couples its "
            "phases (Z1 and Z0 differ), which OpenDSS cannot say. Make Z0 equal to Z1, or write tables."
        )
    parts: list[tuple[str, Properties]] = []
    for k, node in enumerate(source.nodes):
        properties: Properties = {
            "bus1": at(source.bus, (node,)),
            "phases": 1,
            "basekv": source.kv_ll / SQRT3,
            "pu": source.voltages_pu[k],
            "angle": source.angles_deg[k],
            "z1": z1,
            "z0": z0,
        }
        parts.append((f"{source.name}_{node}", properties))
    return parts


def _source_impedances(
    feeder: Feeder, source: Source
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Z1 and Z0 [ohm]."""
    x1_ohm = source.x1_ohm
    x0_ohm = source.x0_ohm
    # OpenDSS takes the inverse of every impedance, an ideal source's too
    if source.r1_ohm == 0 and source.x1_ohm == 0:
        x1_ohm = smallest_impedance_pu(feeder) * base_ohm(source.kv_ll)
        x0_ohm = x1_ohm
    return (source.r1_ohm, x1_ohm), (source.r0_ohm, x0_ohm)
