"""`join_parts`: one feeder of a host and its parts.

The host keeps its names, its source and its load model. A part brings all that it has but its source, under new names (`rename`),
and hangs on the host by a transformer (`transformers`). Regulators and controls of both go on as before.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from tieline.feeders.checks.common import KINDS
from tieline.feeders.compose.checks import (
    faults_of_meeting_names,
    faults_of_names,
    faults_of_part,
    notes_of_part,
)
from tieline.feeders.compose.config import Composition, JoiningTransformer, Part
from tieline.feeders.compose.ends import (
    bus_of_part,
    phases_of_host,
    phases_of_part,
)
from tieline.feeders.compose.rename import joined_name, with_prefix
from tieline.feeders.compose.transformers import Terminal, joining_transformers
from tieline.feeders.elements import Load, Transformer
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding, group_warnings
from tieline.feeders.problems import require_sound

PCC = "pcc"
"""Point of common coupling: what the joining transformer is called, after the name of its part."""


def join_parts(
    host: Feeder, feeders: Sequence[Feeder], composition: Composition
) -> Feeder:
    """Join parts to a host.

    Args:
        host: what everything hangs on.
        feeders: the feeder of each part of the composition, in its order.
        composition: buses, phases, transformers and load of the parts; its names of feeders are not read.

    Returns:
        The composed feeder, checked; what its parts lost stands in its notes.

    Raises:
        FeederError: with all that cannot be joined, of all parts, or with what is wrong with the host, a part or the whole.
    """
    whole = _with_source_voltage(require_sound(host), composition.source_v_pu)
    faults = list(faults_of_names(composition))
    notes: list[Finding] = []
    faulty: set[str] = set()
    for part, feeder in zip(composition.part, feeders, strict=True):
        require_sound(feeder)
        # what hangs on a faulty part has no bus to hang on, which says nothing new
        if any(part.host_bus.startswith(f"{name}_") for name in faulty):
            continue
        joint = composition.transformer_of(part)
        part_faults = _faults(whole, part, feeder, joint)
        if part_faults or joint is None:
            faults += part_faults
            faulty.add(part.name)
            continue
        notes += notes_of_part(host, part, feeder)
        whole = _joined(whole, part, feeder, joint)
    # not at the first one: a person mends a file once
    if faults:
        raise FeederError(composition.name or host.name, dict.fromkeys(faults))
    return _with_head(whole, composition, notes)


def _faults(
    host: Feeder, part: Part, feeder: Feeder, joint: JoiningTransformer | None
) -> list[Finding]:
    part_of_whole = with_prefix(feeder, part.name)
    faults = list(faults_of_part(host, part, feeder, joint))
    faults += faults_of_meeting_names(host, part, part_of_whole)
    return faults


def _with_head(
    whole: Feeder, composition: Composition, notes: Sequence[Finding]
) -> Feeder:
    """The composed feeder under its own name, checked."""
    feeder = whole.replace(
        name=composition.name or whole.name,
        title=composition.title or whole.title,
        origin=composition.origin or whole.origin,
        notes=(*whole.notes, *group_warnings(notes)),
    )
    # what no part is guilty of alone: a host bus that open lines cut off, a voltage level that does not fit
    return require_sound(feeder)


def _with_source_voltage(host: Feeder, v_pu: float | None) -> Feeder:
    if v_pu is None:
        return host
    # voltages phase by phase would go before `v_pu`
    source = dataclasses.replace(host.source, v_pu=v_pu, phase_v_pu=None)
    return host.replace(sources=(source,))


def _joined(
    host: Feeder, part: Part, feeder: Feeder, joint: JoiningTransformer
) -> Feeder:
    """The host with all elements of a part but its source, and with the transformer between."""
    part_of_whole = with_prefix(feeder, part.name)
    elements: dict[str, Any] = {}
    for field in KINDS:
        # the transformer takes the place of the part's source
        if field != "sources":
            elements[field] = (*getattr(host, field), *getattr(part_of_whole, field))
    elements["transformers"] += _transformers(host, part, feeder, joint)
    elements["loads"] = (*host.loads, *_scaled(part_of_whole.loads, part.load_kw))
    # a part used five times says the same five times, of different elements
    notes_of_reader = tuple(
        dataclasses.replace(note, component=f"{part.name}: {note.component}")
        for note in feeder.notes
    )
    return host.replace(**elements, notes=(*host.notes, *notes_of_reader))


def _transformers(
    host: Feeder, part: Part, feeder: Feeder, joint: JoiningTransformer
) -> tuple[Transformer, ...]:
    is_equivalent = host.single_phase_equivalent
    host_phases = phases_of_host(part, feeder)
    at_host = Terminal(host.bus(part.host_bus), host_phases, is_equivalent)
    bus = feeder.bus(bus_of_part(part, feeder))
    bus_of_whole = dataclasses.replace(bus, name=joined_name(part.name, bus.name))
    at_part = Terminal(bus_of_whole, phases_of_part(part, feeder), is_equivalent)
    name = joined_name(part.name, PCC)
    return joining_transformers(name, joint, at_host, at_part)


def _scaled(loads: Sequence[Load], load_kw: float | None) -> tuple[Load, ...]:
    """The loads at a total of `load_kw`, each with the power factor that it has."""
    if load_kw is None:
        return tuple(loads)
    factor = load_kw / sum(load.p_kw for load in loads)
    return tuple(_times(load, factor) for load in loads)


def _times(load: Load, factor: float) -> Load:
    p_kw = load.p_kw * factor
    q_kvar = load.q_kvar * factor
    return dataclasses.replace(load, p_kw=p_kw, q_kvar=q_kvar)
