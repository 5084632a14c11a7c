"""Set-points and prices as OpenADR 3.1 events, ready for `POST /events` of a VTN (virtual top node).

    price of a bus        PRICE and EXPORT_PRICE   KWH and the currency; a nodal price holds for both directions
    what a device takes   DISPATCH_SETPOINT        KW, which OpenADR defines as consumption, never below 0
    what a device gives   CONTROL_SETPOINT         KW: OpenADR 3.1 has no payload for dispatched generation, and leaves the
                                                   meaning of this one to who runs the program; here injection
    its reactive power    CONTROL_SETPOINT         is left out: one payload of a kind and interval, and power comes first

One event for each device or bus, its intervals in order of time; `targets` names the device or bus. Names, types, required
fields: OpenADR 3.1.1, openadr3.yaml and enumerations/event-interval-payloads.schema.yaml.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tieline.service.export.rows import BusPrice, SetPoint, Span

Document = dict[str, Any]

KWH = "KWH"
KW = "KW"


def dispatch_events(set_points: Iterable[SetPoint], program_id: str) -> list[Document]:
    """An event for each device.

    Args:
        set_points: of any devices and intervals.
        program_id: `programID` that the VTN gave to the program of the market.
    """
    by_device: dict[str, list[SetPoint]] = defaultdict(list)
    for point in set_points:
        by_device[point.device].append(point)
    descriptors = [
        _descriptor("DISPATCH_SETPOINT", KW),
        _descriptor("CONTROL_SETPOINT", KW),
    ]
    return [
        _event(
            program_id,
            f"dispatch of {device}",
            device,
            descriptors,
            [(point.span, _payloads_of(point)) for point in points],
        )
        for device, points in by_device.items()
    ]


def price_events(prices: Iterable[BusPrice], program_id: str) -> list[Document]:
    """An event for each bus and currency.

    Args:
        prices: of any buses and intervals.
        program_id: `programID` that the VTN gave to the program of the market.
    """
    by_bus: dict[tuple[str, str], list[BusPrice]] = defaultdict(list)
    for price in prices:
        by_bus[price.bus, price.currency].append(price)
    events = []
    for (bus, currency), rows in by_bus.items():
        descriptors = [
            _descriptor("PRICE", KWH, currency),
            _descriptor("EXPORT_PRICE", KWH, currency),
        ]
        intervals = [(row.span, _payloads_of_price(row)) for row in rows]
        events.append(
            _event(program_id, f"price at {bus}", bus, descriptors, intervals)
        )
    return events


def _payloads_of(point: SetPoint) -> list[Document]:
    return [
        _payload("DISPATCH_SETPOINT", point.p_charge_kw),
        _payload("CONTROL_SETPOINT", point.p_discharge_kw),
    ]


def _payloads_of_price(price: BusPrice) -> list[Document]:
    return [
        _payload("PRICE", price.price_per_kwh),
        _payload("EXPORT_PRICE", price.price_per_kwh),
    ]


def _event(
    program_id: str,
    name: str,
    target: str,
    descriptors: list[Document],
    intervals: list[tuple[Span, list[Document]]],
) -> Document:
    in_time = sorted(intervals, key=lambda entry: entry[0].starts_at)
    return {
        "programID": program_id,
        "eventName": name,
        "targets": [target],
        "payloadDescriptors": descriptors,
        "intervals": [
            _interval(number, span, payloads)
            for number, (span, payloads) in enumerate(in_time)
        ],
    }


def _interval(number: int, span: Span, payloads: list[Document]) -> Document:
    # a period of its own for each: intervals of a market may have gaps
    period = {
        "start": _moment(span.starts_at),
        "duration": _duration(span.length),
    }
    return {"id": number, "intervalPeriod": period, "payloads": payloads}


def _descriptor(payload: str, units: str, currency: str | None = None) -> Document:
    descriptor = {
        "objectType": "EVENT_PAYLOAD_DESCRIPTOR",
        "payloadType": payload,
        "units": units,
    }
    if currency is not None:
        descriptor["currency"] = currency
    return descriptor


def _payload(kind: str, value: float) -> Document:
    return {"type": kind, "values": [value]}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _duration(length: timedelta) -> str:
    """ISO 8601, in seconds: PT60S."""
    return f"PT{length.total_seconds():.9g}S"
