"""What an element takes or injects when it follows a shape, point by point.

    load, generator    P = p_kw p,  Q = q_kvar q          q: the shape's own, else p; Q of a fixed-Q model stays
    PV                 P = rated_kw p,  Q = rated_kw q    q: the shape's own, else that of the power factor of the snapshot;
                                                          where P and Q are beyond the inverter's kVA, P gives way
    storage            P = rated_kw p,  Q as in the snapshot; below zero it charges. Whether it still can is not asked here

With `is_actual` the points are kW and kvar themselves, and Q without points of its own keeps the load's power factor. Source:
`Load.pas`, `Generator.pas`, `PVsystem.pas` of OpenDSS (SetNominalLoad and the like).
"""

from __future__ import annotations

import numpy as np

from tieline.feeders.elements import Generator, Load, Pv, Shape, Storage
from tieline.typing import FloatArray

Element = Load | Pv | Storage | Generator
Powers = tuple[FloatArray, FloatArray]
"""P and Q: consumption of a load, injection of a DER, (point,) [kW, kvar]."""


def shaped_powers(
    element: Element, shape: Shape, p: FloatArray, q: FloatArray | None
) -> Powers:
    """Power of an element whose shape has the values `p` and, if it has any of Q, `q`, (point,)."""
    if isinstance(element, Pv):
        return _pv_powers(element, shape, p, q)
    if isinstance(element, Storage):
        p_kw = _kw(shape, p, element.rated_kw)
        return p_kw, np.full_like(p_kw, element.q_kvar)
    p_kw = _kw(shape, p, element.p_kw)
    if element.q_impedance_outside:
        return p_kw, np.full_like(p_kw, element.q_kvar)
    if q is not None:
        return p_kw, _kw(shape, q, element.q_kvar)
    return p_kw, _following_kvar(element, p_kw, p, shape)


def _kw(shape: Shape, points: FloatArray, nominal: float) -> FloatArray:
    if shape.is_actual:
        return points.copy()
    return points * nominal


def _following_kvar(
    element: Load | Generator, p_kw: FloatArray, p: FloatArray, shape: Shape
) -> FloatArray:
    """Q of a shape that says nothing of it."""
    if not shape.is_actual:
        return p * element.q_kvar
    # without P there is no power factor to keep
    if element.p_kw == 0:
        return np.zeros_like(p_kw)
    return p_kw * (element.q_kvar / element.p_kw)


def _pv_powers(pv: Pv, shape: Shape, p: FloatArray, q: FloatArray | None) -> Powers:
    panels_kw = _kw(shape, p, pv.rated_kw)
    q_kvar = np.full_like(panels_kw, pv.q_kvar)
    if q is not None:
        q_kvar = _kw(shape, q, pv.rated_kw)
    elif pv.p_kw > 0:
        q_kvar = panels_kw * (pv.q_kvar / pv.p_kw)
    most_kvar = np.clip(q_kvar, -pv.inverter_kva, pv.inverter_kva)
    most_kw = np.sqrt(pv.inverter_kva**2 - most_kvar**2)
    return np.minimum(panels_kw, most_kw), most_kvar
