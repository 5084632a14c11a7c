"""`equivalent`: the balanced single-phase equivalent of a feeder, saved and solved as any feeder.

Unbalance is gone: loads count with the total of their phases, at the positive-sequence voltage. What that changes is found by
solving both feeders. Left out, with a note: neutral conductors, in which balanced currents add up to nothing, and capacitor
controls, whose banks keep their steps. Refused: regulators, each of which acts on a phase of its own, and transformers that are
no balanced bank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tieline.feeders.elements import Bus, InverterControl, Source
from tieline.feeders.elements.grid import PHASE_STEP_DEG
from tieline.feeders.equivalent.checks import faults_of_equivalent
from tieline.feeders.equivalent.current_sources import equivalent_current_sources
from tieline.feeders.equivalent.devices import (
    equivalent_capacitor,
    equivalent_device,
    equivalent_loads,
)
from tieline.feeders.equivalent.lines import equivalent_line, phases_of_line
from tieline.feeders.equivalent.transformers import equivalent_transformers
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding, name_some
from tieline.feeders.problems import require_sound
from tieline.units import SQRT3

THREE_PHASES = 3


def equivalent(feeder: Feeder) -> Feeder:
    """The balanced single-phase equivalent of a feeder.

    Args:
        feeder: with phases; an equivalent is returned as it is.

    Returns:
        The equivalent, checked, with notes of what it lost; all loads of a bus that depend on voltage alike are one load there.

    Raises:
        FeederError: with all that has no equivalent.
    """
    require_sound(feeder)
    if feeder.single_phase_equivalent:
        return feeder
    faults = list(faults_of_equivalent(feeder))
    if faults:
        raise FeederError(feeder.name, faults)
    converted = feeder.replace(
        buses=tuple(_one_node(bus) for bus in feeder.buses),
        sources=tuple(_one_phase(source) for source in feeder.sources),
        lines=tuple(equivalent_line(line) for line in feeder.lines),
        transformers=tuple(equivalent_transformers(feeder)),
        capacitors=tuple(equivalent_capacitor(bank) for bank in feeder.capacitors),
        capacitor_controls=(),
        inverter_controls=tuple(
            _one_watched(control) for control in feeder.inverter_controls
        ),
        loads=tuple(equivalent_loads(feeder.loads)),
        pvs=tuple(equivalent_device(pv) for pv in feeder.pvs),
        storages=tuple(equivalent_device(unit) for unit in feeder.storages),
        generators=tuple(equivalent_device(unit) for unit in feeder.generators),
        shunts=tuple(equivalent_device(shunt) for shunt in feeder.shunts),
        current_sources=tuple(equivalent_current_sources(feeder.current_sources)),
        single_phase_equivalent=True,
        title=_with_remark(feeder.title),
        notes=(*feeder.notes, *_notes(feeder)),
    )
    return require_sound(converted)


def _one_node(bus: Bus) -> Bus:
    return replace(bus, phases=(1,))


def _one_watched(control: InverterControl) -> InverterControl:
    """The control with its eye on the one node that stands for three phases, whose voltage is line-to-line."""
    if control.watched_kv is None:
        return control
    kv_ll = control.watched_kv * SQRT3
    return replace(control, watched_nodes=(1,), watched_kv=kv_ll)


def _one_phase(source: Source) -> Source:
    """The source with its positive sequence alone."""
    v_pu = sum(source.voltages_pu) / len(source.nodes)
    return replace(
        source,
        nodes=(1,),
        v_pu=v_pu,
        # that of phase 1, also where it is not the first, since current sources keep their angles
        angle_deg=source.angles_deg[0] + PHASE_STEP_DEG * (source.nodes[0] - 1),
        r0_ohm=source.r1_ohm,
        x0_ohm=source.x1_ohm,
        r2_ohm=None,
        x2_ohm=None,
        phase_v_pu=None,
        phase_angle_deg=None,
    )


def _with_remark(title: str) -> str:
    return f"{title}; balanced single-phase equivalent".removeprefix("; ")


def _notes(feeder: Feeder) -> Iterator[Finding]:
    laterals = [
        line.name for line in feeder.lines if len(phases_of_line(line)) < THREE_PHASES
    ]
    if laterals:
        message = (
            f"lines of one or two phases ({name_some(laterals)}) stand as three-phase lines of the same loss, whose drop is that "
            "of their own phases."
        )
        yield _note("LATERALS", feeder, message)
    controls = [control.name for control in feeder.capacitor_controls]
    if controls:
        message = f"capacitor controls {name_some(controls)} are left out: their banks keep the steps that are in."
        yield _note("CONTROLS_DROPPED", feeder, message)


def _note(what: str, feeder: Feeder, message: str) -> Finding:
    return Finding(f"EQUIVALENT.{what}", "warning", f"feeder {feeder.name}", message)
