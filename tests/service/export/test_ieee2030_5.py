from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tieline.errors import InputError
from tieline.service.export.ieee2030_5 import LARGEST_VALUE, control_list, scaled
from tieline.service.export.rows import SetPoint, Span

START = datetime(2026, 7, 1, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PREFIX = "{urn:ieee:std:2030.5:ns}"


def point(minute: int, charge: float, discharge: float, revision: int = 1) -> SetPoint:
    start = START + minute * MINUTE
    span = Span("north", start, start + MINUTE, revision)
    return SetPoint(span, "b1", charge, discharge, q_kvar=-2.0)


def controls(*points: SetPoint, now: datetime = START) -> list[ElementTree.Element]:
    document = control_list(points, now, "/derp/1/derc")
    return list(ElementTree.fromstring(document))


def text(control: ElementTree.Element, *path: str) -> str:
    element = control.find("/".join(PREFIX + name for name in path))
    assert element is not None
    return element.text or ""


def watts(control: ElementTree.Element, mode: str = "opModTargetW") -> float:
    multiplier = int(text(control, "DERControlBase", mode, "multiplier"))
    value = int(text(control, "DERControlBase", mode, "value"))
    return value * 10.0**multiplier


def test_discharge_is_above_and_charge_below_zero():
    give, take = controls(point(0, 0.0, 45.0), point(1, 7.25, 0.0))
    assert (watts(give), watts(take)) == (45000.0, -7250.0)
    assert watts(give, "opModTargetVar") == -2000.0


def test_time_is_in_seconds_and_says_what_is_active():
    first, second = controls(point(0, 0.0, 1.0), point(1, 0.0, 1.0))
    assert text(first, "interval", "start") == str(int(START.timestamp()))
    assert text(first, "interval", "duration") == "60"
    assert text(first, "EventStatus", "currentStatus") == "1"
    assert text(second, "EventStatus", "currentStatus") == "0"


def test_another_revision_is_another_control():
    (first,) = controls(point(0, 0.0, 1.0, revision=1))
    (again,) = controls(point(0, 0.0, 1.0, revision=1))
    (second,) = controls(point(0, 0.0, 1.0, revision=2))
    assert text(first, "mRID") == text(again, "mRID") != text(second, "mRID")
    assert len(text(first, "mRID")) == 32


def test_elements_stand_in_the_order_of_the_schema():
    (control,) = controls(point(0, 0.0, 1.0))
    names = [child.tag.removeprefix(PREFIX) for child in control]
    assert names == [
        "mRID",
        "description",
        "creationTime",
        "EventStatus",
        "interval",
        "DERControlBase",
    ]


@given(some.floats(-1e9, 1e9))
def test_a_power_is_kept_to_half_a_unit_of_its_last_digit(power: float):
    multiplier, value = scaled(power)
    assert abs(value) <= LARGEST_VALUE
    assert abs(value * 10.0**multiplier - power) <= 0.5001 * 10.0**multiplier
    # no coarser than it must be
    assert multiplier == 0 or abs(power) > 10.0 ** (multiplier - 1) * LARGEST_VALUE


def test_a_list_is_of_one_device():
    other = SetPoint(point(0, 0.0, 1.0).span, "b2", 0.0, 1.0)
    with pytest.raises(InputError, match="b1, b2"):
        control_list([point(0, 0.0, 1.0), other], START, "/derc")


def test_a_private_enterprise_number_has_32_bits():
    with pytest.raises(InputError, match="32 bits"):
        control_list([point(0, 0.0, 1.0)], START, "/derc", pen=2**32)
