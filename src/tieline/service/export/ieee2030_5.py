"""Set-points as an IEEE 2030.5-2018 `DERControlList`: what a server of that standard shows under a device's program.

    opModTargetW     active power, > 0 discharges, < 0 charges
    opModTargetVar   reactive power, > 0 is given
    interval         start [s since 1970 UTC], duration [s]
    mRID             from market, interval, revision and device: a control that replaces another has its own

Powers are whole numbers of 16 bits times a power of ten in W: the smallest power of ten that holds the number is taken, so that
rounding is at most half a unit in the fifth digit. Element names and their order: sep.xsd, namespace urn:ieee:std:2030.5:ns.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from tieline.errors import InputError
from tieline.service.export.rows import SetPoint

NAMESPACE = "urn:ieee:std:2030.5:ns"

LARGEST_VALUE = 32767
"""Of a signed whole number of 16 bits, which is what the standard gives to a power."""

SCHEDULED = 0
ACTIVE = 1
COMPLETE = 2
"""`currentStatus` of an event."""

LARGEST_PEN = 0xFFFFFFFF


def control_list(
    set_points: Sequence[SetPoint], now: datetime, href: str, pen: int = 0
) -> str:
    """XML of the controls of one device, in order of time.

    Args:
        set_points: of one device.
        now: the moment at which the list is made; it knows its zone.
        href: address of the list at the server.
        pen: private enterprise number at IANA of who makes the controls, the last 32 bits of `mRID`; 0 is reserved.

    Raises:
        InputError: if there are several devices, or the number is none of 32 bits.
    """
    devices = sorted({point.device for point in set_points})
    if len(devices) > 1:
        raise InputError(
            f"A DERControlList is of one device; there are {', '.join(devices)}. Make one list for each."
        )
    if not 0 <= pen <= LARGEST_PEN:
        raise InputError(
            f"pen is {pen}, but a private enterprise number has 32 bits. Give a number from 0 to {LARGEST_PEN}."
        )
    in_time = sorted(set_points, key=lambda point: point.span.starts_at)
    count = str(len(in_time))
    root = Element(
        "DERControlList",
        {"xmlns": NAMESPACE, "href": href, "all": count, "results": count},
    )
    for point in in_time:
        _add_control(root, point, now, href, pen)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_control(
    root: Element, point: SetPoint, now: datetime, href: str, pen: int
) -> None:
    span = point.span
    start = int(span.starts_at.timestamp())
    identity = span.identity(point.device)[:24] + f"{pen:08x}"
    control = SubElement(root, "DERControl", {"href": f"{href}/{identity}"})
    _add(control, "mRID", identity.upper())
    _add(control, "description", _description(point))
    _add(control, "creationTime", int(now.timestamp()))
    status = SubElement(control, "EventStatus")
    _add(status, "currentStatus", _status(point, now))
    _add(status, "dateTime", int(now.timestamp()))
    _add(status, "potentiallySuperseded", "false")
    interval = SubElement(control, "interval")
    _add(interval, "duration", int(span.length.total_seconds()))
    _add(interval, "start", start)
    base = SubElement(control, "DERControlBase")
    _add_power(base, "opModTargetVar", point.q_kvar)
    _add_power(base, "opModTargetW", point.p_discharge_kw - point.p_charge_kw)


def _description(point: SetPoint) -> str:
    """At most 32 characters, as the standard has it."""
    return f"{point.span.market} {point.device}"[:32]


def _status(point: SetPoint, now: datetime) -> int:
    if now < point.span.starts_at:
        return SCHEDULED
    if now < point.span.ends_at:
        return ACTIVE
    return COMPLETE


def _add(parent: Element, name: str, value: object) -> None:
    SubElement(parent, name).text = str(value)


def _add_power(parent: Element, name: str, power_k: float) -> None:
    """A power, given in kW or kvar, as `multiplier` and `value`."""
    multiplier, value = scaled(1000 * power_k)
    power = SubElement(parent, name)
    _add(power, "multiplier", multiplier)
    _add(power, "value", value)


def scaled(power: float) -> tuple[int, int]:
    """Power of ten and whole number of at most 16 bits that are nearest to a power in W or var: 45 000 is (1, 4500).

    Whole watts where they suffice: a device follows none that are finer.
    """
    multiplier = 0
    while abs(round(power / 10**multiplier)) > LARGEST_VALUE:
        multiplier += 1
    return multiplier, round(power / 10**multiplier)
