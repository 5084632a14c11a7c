"""What a reader must know beside the numbers of a run over time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.counted import counted
from tieline.profiles.shapes import shape_of
from tieline.profiles.told import tell_unasked_place
from tieline.reports.remarks import Remark, approximated, broken
from tieline.studies.gauges import tell_unrated
from tieline.studies.load_model import tell_load_model
from tieline.studies.time_series.telling.metrics import when
from tieline.studies.time_series.walk import Walk
from tieline.studies.time_series.world.clocks import clocks_of
from tieline.studies.unjudged import why_unsolved


def make_remarks(walk: Walk) -> list[Remark]:
    """One sentence each."""
    return [
        *broken(_unsolved(walk)),
        *approximated(_without_supply(walk)),
        *approximated(_of_controls(walk)),
        *approximated(_of_clocks(walk)),
        *approximated(_of_ders(walk)),
        *approximated(_of_sun(walk)),
        *approximated(_unjudged(walk)),
        *approximated(
            tell_load_model(
                walk.last_block,
                walk.config.load_model,
                "In the last steps, where most devices are outside",
            )
        ),
    ]


def _unsolved(walk: Walk) -> Iterator[str]:
    records = walk.records
    unsolved = np.flatnonzero(~records.is_solved)
    if len(unsolved):
        first = int(unsolved[0])
        yield (
            f"{counted(len(unsolved), 'step')} of {len(records.times):,} have no answer and are missing in all sums, the first "
            f"at {when(records.times[first])}: it {why_unsolved(int(records.outcome[first]))}."
        )


def _without_supply(walk: Walk) -> Iterator[str]:
    n_dead = walk.records.n_dead
    if n_dead:
        yield (
            f"{n_dead} of {len(walk.points.names)} voltage points are without supply in every step and are not judged."
        )


def _of_controls(walk: Walk) -> Iterator[str]:
    feeder = walk.network.feeder
    if walk.config.controls != "feeder" or not feeder.has_controls:
        return
    yield (
        "Regulators and capacitors begin each step where the one before left them, and act in it until they rest, in the order "
        "of their delays: movements within a step that cancel out are not counted."
    )


def _of_clocks(walk: Walk) -> Iterator[str]:
    overridden = [
        clock.name for clock in clocks_of(walk.feeder) if clock.voltage_override
    ]
    if overridden and walk.config.controls == "feeder":
        yield (
            f"{', '.join(overridden)}: the bank follows its clock alone; that a voltage overrides it is left out."
        )


def _of_ders(walk: Walk) -> Iterator[str]:
    feeder = walk.network.feeder
    idle = [
        storage.name
        for storage in feeder.storages
        if shape_of(feeder, storage, walk.config.shape_kind) is None
    ]
    if idle:
        yield (
            f"{counted(len(idle), 'storage')} without a shape to follow idle: {', '.join(idle[:3])}. No controller dispatches "
            "them."
        )
    if feeder.inverter_controls:
        yield (
            "Inverters with a characteristic follow the voltage in every step; all other DERs keep the reactive power of the "
            "snapshot, whatever their active power."
        )


def _of_sun(walk: Walk) -> list[str]:
    """Where the sun stands that nobody asked for."""
    config = walk.config
    if not walk.feeder.pvs:
        return []
    return tell_unasked_place(walk.feeder, config.drawn_profiles, config.sun_table)


def _unjudged(walk: Walk) -> Iterator[str]:
    for gauge in (breaks.gauge for breaks in walk.records.breaks):
        missing = tell_unrated(walk.network, gauge)
        if missing:
            yield f"{gauge.kind.words.capitalize()}: {missing} have no rating and are not judged."
