"""Load shapes as OpenDSS commands, and the words that make an element follow one.

A DER is written as a generator of the power of its snapshot. Where the shape of a PV system or storage is a share of its rating,
a shape of its own in kW and kvar stands for it (useactual).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from tieline.feeders.elements import Generator, Load, Shape
from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.writer.words import Properties, command
from tieline.feeders.shape_powers import Element, shaped_powers

MODES = {"daily_shape": "daily", "yearly_shape": "yearly", "duty_shape": "duty"}


def shape_commands(feeder: Feeder) -> Iterator[str]:
    """All shapes of a feeder, and those in kW that DERs need; they come before what follows them."""
    shapes = {shape.name: shape for shape in feeder.shapes}
    yield from (_command(shape) for shape in feeder.shapes)
    for der in (*feeder.pvs, *feeder.storages):
        for name in dict.fromkeys(_followed(der)):
            yield _command(_in_kw(der, shapes[name]))


def following(element: Element) -> Properties:
    """The properties that name the shapes of an element."""
    return {
        word: _name(element, name)
        for field, word in MODES.items()
        if (name := getattr(element, field)) is not None
    }


def _followed(element: Element) -> Iterable[str]:
    names = (getattr(element, field) for field in MODES)
    return (name for name in names if name is not None)


def _name(element: Element, shape: str) -> str:
    """What the shape that an element follows is called in the script."""
    if isinstance(element, Load | Generator):
        return shape
    return f"{shape}_of_{element.name}"


def _in_kw(der: Element, shape: Shape) -> Shape:
    q = None
    if shape.q:
        q = np.array(shape.q)
    p_kw, q_kvar = shaped_powers(der, shape, np.array(shape.p), q)
    return Shape(
        name=_name(der, shape.name),
        p=tuple(p_kw.tolist()),
        q=tuple(q_kvar.tolist()),
        step_h=shape.step_h,
        hour=shape.hour,
        is_actual=True,
    )


def _command(shape: Shape) -> str:
    properties: Properties = {"npts": len(shape.p)}
    # before the points, which OpenDSS reads as many of as it knows to come
    properties["interval"] = 0 if shape.hour else shape.step_h
    if shape.hour:
        properties["hour"] = shape.hour
    properties["mult"] = shape.p
    if shape.q:
        properties["qmult"] = shape.q
    properties["useactual"] = "yes" if shape.is_actual else "no"
    return command(f"new loadshape.{shape.name}", properties)
