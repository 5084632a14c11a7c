"""Load shapes as OpenDSS commands, and the words that make an element follow one.

A DER is written as a generator of the power of its snapshot. Where the shape of a PV system or storage is a share of its rating,
and where kW come without kvar, a shape of its own in kW and kvar stands for it (useactual). A PV system with an inverter control
is a PVSystem, whose shape multiplies the sun of its snapshot; one that is dark there and a storage with such a control follow no
shape in the script, and a comment in it says so.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.feeders.elements import Generator, Load, Pv, Shape, Storage
from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.writer.words import Properties, command
from tieline.feeders.shape_powers import Element, shaped_powers

MODES = {"daily_shape": "daily", "yearly_shape": "yearly", "duty_shape": "duty"}
"""Field of an element -> the property that names the shape."""

DER_KINDS: dict[type, str] = {Pv: "pv", Storage: "storage"}
"""What an inverter control may act on."""


class ShapeWords:
    """What a script says of the shapes of a feeder."""

    def __init__(self, feeder: Feeder) -> None:
        self._feeder = feeder
        self._shapes = {shape.name: shape for shape in feeder.shapes}
        self._inverters = {(one.der_kind, one.der) for one in feeder.inverter_controls}

    def commands(self) -> Iterator[str]:
        """All shapes, and those in kW that elements need; they come before what follows them."""
        yield from (_command(shape) for shape in self._feeder.shapes)
        for element in (*self._feeder.loads, *self._feeder.ders):
            for shape in dict.fromkeys(self._followed(element).values()):
                if isinstance(element, Pv) and self.has_curve(element):
                    yield _command(_in_suns(element, shape))
                elif _needs_kw(element, shape):
                    yield _command(_in_kw(element, shape))

    def following(self, element: Element) -> Properties:
        """The properties that name the shapes of an element."""
        return {
            word: _name(element, shape)
            for word, shape in self._followed(element).items()
        }

    def has_curve(self, element: Element) -> bool:
        """Whether an inverter control acts on an element."""
        kind = DER_KINDS.get(type(element))
        return (kind, element.name) in self._inverters

    def left_out(self, element: Element) -> Iterator[str]:
        """A comment where an element with an inverter control has shapes that the script cannot have."""
        if not self._followed(element) and any(getattr(element, one) for one in MODES):
            kind = DER_KINDS[type(element)]
            yield f"! {kind} {element.name} follows its curve here, and not its load shape"

    def _followed(self, element: Element) -> dict[str, Shape]:
        """The shapes of an element by the property that names them; none where it cannot follow one."""
        is_lit = isinstance(element, Pv) and element.p_kw > 0
        if self.has_curve(element) and not is_lit:
            return {}
        return {
            word: self._shapes[name]
            for field, word in MODES.items()
            if (name := getattr(element, field)) is not None
        }


def _needs_kw(element: Element, shape: Shape) -> bool:
    """Whether a shape of its own stands for what an element follows: of kW without kvar OpenDSS keeps no power factor."""
    lacks_kvar = shape.is_actual and not shape.q
    return lacks_kvar or not isinstance(element, Load | Generator)


def _name(element: Element, shape: Shape) -> str:
    """What the shape that an element follows is called in the script."""
    if _needs_kw(element, shape):
        return f"{shape.name}_of_{element.name}"
    return shape.name


def _in_suns(pv: Pv, shape: Shape) -> Shape:
    """The shape as a factor on what the panels give in the snapshot."""
    panels_kw = np.array(shape.p)
    if not shape.is_actual:
        panels_kw = panels_kw * pv.rated_kw
    suns = panels_kw / pv.p_kw
    return Shape(
        name=_name(pv, shape),
        p=tuple(suns.tolist()),
        step_h=shape.step_h,
        hour=shape.hour,
    )


def _in_kw(element: Element, shape: Shape) -> Shape:
    q = None
    if shape.q:
        q = np.array(shape.q)
    p_kw, q_kvar = shaped_powers(element, shape, np.array(shape.p), q)
    return Shape(
        name=_name(element, shape),
        p=tuple(p_kw.tolist()),
        q=tuple(q_kvar.tolist()),
        step_h=shape.step_h,
        hour=shape.hour,
        is_actual=True,
    )


def _command(shape: Shape) -> str:
    # before the points, of which OpenDSS reads as many as it knows to come
    properties: Properties = {"npts": len(shape.p)}
    properties["interval"] = 0 if shape.hour else shape.step_h
    if shape.hour:
        properties["hour"] = shape.hour
    properties["mult"] = shape.p
    if shape.q:
        properties["qmult"] = shape.q
    properties["useactual"] = "yes" if shape.is_actual else "no"
    return command(f"new loadshape.{shape.name}", properties)
