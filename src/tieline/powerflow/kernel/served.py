"""Which loads and DERs of a lane are served: none at a de-energised node, and none at all where the voltage has collapsed."""

from __future__ import annotations

from tieline.powerflow.kernel.compiled import leaf

COLLAPSED_SQ = 1e-4
"""A hundredth of a volt per volt at every load: even one of constant impedance, which takes what any voltage gives, would be left
with a ten thousandth of its power. That is no way to operate a feeder, whatever the equations say."""


@leaf
def leave_unserved(b, is_dead, ports, power):
    """Devices between a live and a de-energised node take nothing in lane b; `is_dead` (node,) in elimination order."""
    for t in range(len(ports.kind)):
        plus = ports.plus[t]
        minus = ports.minus[t]
        if minus >= 0 and is_dead[plus] != is_dead[minus]:
            for row in range(ports.row[t], _row_after(t, ports)):
                power[row, b] = 0.0


@leaf
def is_served(b, ports, work):
    """Whether lane b has not collapsed: some device that asks for power has a voltage, or all that do are de-energised.

    As soon as one is found the others need not be looked at.
    """
    is_collapsed = False
    for t in range(len(ports.kind)):
        if not _asks(b, t, ports, work.power):
            continue
        dr = work.vr[ports.plus[t], b]
        di = work.vi[ports.plus[t], b]
        if ports.minus[t] >= 0:
            dr = dr - work.vr[ports.minus[t], b]
            di = di - work.vi[ports.minus[t], b]
        size = dr * dr + di * di
        if size > COLLAPSED_SQ:
            return True
        # zero exactly is what de-energised nodes have
        is_collapsed = is_collapsed or size > 0.0
    return not is_collapsed


@leaf
def _asks(b, t, ports, power):
    """Whether port t asks for power in lane b."""
    asks = False
    for row in range(ports.row[t], _row_after(t, ports)):
        asks = asks or power[row, b] != 0.0
    return asks


@leaf
def _row_after(t, ports):
    """The first row of power after those of port t."""
    return (
        ports.row[t + 1] if t + 1 < len(ports.kind) else 2 * (len(ports.term_start) - 1)
    )
