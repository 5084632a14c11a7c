"""A part's names: all of them, and only names."""

from __future__ import annotations

import dataclasses

from tieline import load_feeder
from tieline.feeders.checks.common import KINDS
from tieline.feeders.compose.rename import NAMING_FIELDS, with_prefix
from tieline.feeders.elements import CapacitorControl, Regulator, Shape


def test_every_name_and_reference_gets_the_prefix():
    feeder = load_feeder("ieee13").replace(
        capacitor_controls=(
            CapacitorControl("auto", "cap1", "voltage", "692675", 1, 115.0, 125.0),
        )
    )
    renamed = with_prefix(feeder, "mg")
    for field in KINDS:
        pairs = zip(getattr(feeder, field), getattr(renamed, field), strict=True)
        for element, other in pairs:
            for name in NAMING_FIELDS:
                if getattr(element, name, None) is not None:
                    assert getattr(other, name) == f"mg_{getattr(element, name)}"
    first = renamed.transformers[0].windings[0]
    assert first == dataclasses.replace(
        feeder.transformers[0].windings[0], bus="mg_sourcebus"
    )
    assert renamed.lines[0].code.name == "mg_mtx601"
    assert renamed.loads[0].p_kw == feeder.loads[0].p_kw
    assert {bus.x for bus in renamed.buses} == {None}


def test_bus_that_a_regulator_watches_is_renamed_with_it():
    regulator = Regulator("r", "t", 2, 120.0, 2.0, 20.0, remote_bus="far")
    renamed = with_prefix(load_feeder("ieee13").replace(regulators=(regulator,)), "mg")
    assert renamed.regulators[0].remote_bus == "mg_far"
    assert renamed.regulators[0].transformer == "mg_t"


def test_shapes_that_loads_follow_are_renamed_with_them():
    feeder = load_feeder("ieee13")
    loads = tuple(dataclasses.replace(load, daily_shape="s") for load in feeder.loads)
    renamed = with_prefix(
        feeder.replace(loads=loads, shapes=(Shape("s", (1.0,)),)), "mg"
    )
    assert {load.daily_shape for load in renamed.loads} == {"mg_s"}
    assert [shape.name for shape in renamed.shapes] == ["mg_s"]
    assert renamed.problems == ()
