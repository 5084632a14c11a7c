"""Load shapes of a file, and which element follows which: daily, yearly, duty of loads, PV systems, storage and generators.

Points come from the engine, so files, normalising and units of time are the engine's. Only shapes that are followed are kept.
A load of status Fixed follows none, as in OpenDSS. A PV system's shape is one of irradiance: what its panels and inverter make of
it (`pv_shapes`) is a shape of its own. A storage follows a shape in dispatch mode Follow alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from tieline.feeders.elements import Shape
from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.pv_shapes import PvShapes

MODES = {"Daily": "daily_shape", "Yearly": "yearly_shape", "Duty": "duty_shape"}
"""Property of the engine -> field of an element."""

FOLLOWERS = {
    "Load": "loads",
    "PVSystem": "pvs",
    "Storage": "storages",
    "Generator": "generators",
}
"""Classes whose elements follow shapes, and where they stand in a feeder."""

BY_ITSELF = ("default", "loadlevel", "price", "loadshape")

Names = dict[str, str | None]
"""Field of an element -> name of the shape."""


def with_shapes(feeder: Feeder, circuit: DssCircuit, report: Report) -> Feeder:
    """The feeder with the shapes of the file and the names of those that its elements follow."""
    read = engine_shapes(circuit)
    pv_shapes = PvShapes(circuit, read)
    elements: dict[str, Any] = {}
    for kind, field in FOLLOWERS.items():
        names_of = pv_shapes.names if kind == "PVSystem" else shape_names
        names = _names_by_element(circuit.records(kind), names_of, report)
        with_points = read | pv_shapes.made
        elements[field] = tuple(
            replace(element, **_known(names[element.name], with_points))
            if element.name in names
            else element
            for element in getattr(feeder, field)
        )
    shapes = read | pv_shapes.made
    followed = followed_names(
        element for of_kind in elements.values() for element in of_kind
    )
    followed_shapes = tuple(shapes[name] for name in shapes if name in followed)
    return feeder.replace(**elements, shapes=followed_shapes)


def _known(names: Names, shapes: Mapping[str, Shape]) -> Names:
    """The names of shapes that have points: one without leaves in OpenDSS what follows it as it is."""
    return {field: name if name in shapes else None for field, name in names.items()}


def followed_names(elements: Iterable[Any]) -> set[str]:
    """Names of the shapes that some elements follow."""
    return {
        name
        for element in elements
        for field in MODES.values()
        if (name := getattr(element, field)) is not None
    }


def engine_shapes(circuit: DssCircuit) -> dict[str, Shape]:
    """All load shapes that the engine holds, by name; one without points is left out."""
    shapes = circuit.engine.LoadShape
    read = {}
    for name in shapes.AllNames():
        # makes it the active one, of which the next questions are
        shapes.Name(name)
        shape = _active_shape(shapes, name.lower())
        if shape.p:
            read[shape.name] = shape
    return read


def _active_shape(shapes: Any, name: str) -> Shape:
    p = _floats(shapes.PMult())
    # the engine gives one 0 where there is nothing
    q = _floats(shapes.QMult())
    hour = _floats(shapes.TimeArray())
    count = int(shapes.Npts())
    step_h = float(shapes.HrInterval())
    return Shape(
        name=name,
        p=p if len(p) == count else (),
        q=q if len(q) == count and any(q) else (),
        step_h=step_h,
        hour=hour if step_h == 0 else (),
        is_actual=bool(shapes.UseActual()),
    )


def _floats(values: Iterable[Any]) -> tuple[float, ...]:
    return tuple(map(float, values))


def _names_by_element(
    records: list[Record], names_of: Callable[[Record], Names], report: Report
) -> dict[str, Names]:
    """The shapes of those elements that follow any, by their names."""
    names = {}
    for record in records:
        of_record = names_of(record)
        if any(of_record.values()) and _follows(record, report):
            names[record.name] = of_record
    return names


def shape_names(record: Record) -> Names:
    """The shapes that a file names for an element."""
    names: Names = {}
    for mode, field in MODES.items():
        name = record.properties.get(mode)
        names[field] = str(name).lower() if name else None
    return _without_repeats(names)


def _without_repeats(names: Names) -> Names:
    """Without a yearly or duty shape that is the daily one, which stands in for them anyway."""
    daily = names["daily_shape"]
    return {
        field: name if field == "daily_shape" or name != daily else None
        for field, name in names.items()
    }


def _follows(record: Record, report: Report) -> bool:
    """Whether an element goes with its shapes at all."""
    if str(record.properties.get("Status")).lower().startswith("f"):
        return False
    mode = str(record.properties.get("DispMode", "")).lower()
    is_storage = record.kind == "Storage"
    if is_storage and mode == "follow":
        return True
    has_level = bool(record.properties.get("DispValue"))
    if not is_storage and not (mode in BY_ITSELF[1:] and has_level):
        return True
    what = (
        f"Its dispatch mode is {mode}, by triggers; over time it keeps the power of the snapshot. Mode follow, by a shape, is "
        "modelled."
    )
    report.warning("DISPATCH_MODE", record.component, what)
    return False
