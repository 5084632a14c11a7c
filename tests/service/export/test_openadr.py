from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tieline.service.export.openadr import dispatch_events, price_events
from tieline.service.export.rows import BusPrice, SetPoint, Span

NOON = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
MINUTE = timedelta(minutes=1)


def span(minute: int, revision: int = 1) -> Span:
    start = NOON + minute * MINUTE
    return Span("north", start, start + MINUTE, revision)


def values(event: dict, kind: str) -> list[float]:
    return [
        payload["values"][0]
        for interval in event["intervals"]
        for payload in interval["payloads"]
        if payload["type"] == kind
    ]


def test_what_a_device_takes_and_gives_are_two_payloads_in_order_of_time():
    points = [SetPoint(span(1), "b1", 0.0, 4.5), SetPoint(span(0), "b1", 3.0, 0.0)]
    (event,) = dispatch_events(points, "p-1")
    assert event["targets"] == ["b1"]
    assert values(event, "DISPATCH_SETPOINT") == [3.0, 0.0]
    assert values(event, "CONTROL_SETPOINT") == [0.0, 4.5]


def test_moments_are_utc_and_lengths_are_durations():
    (event,) = dispatch_events([SetPoint(span(0), "b1", 0.0, 1.0)], "p-1")
    period = event["intervals"][0]["intervalPeriod"]
    # noon of a summer's day in Berlin
    assert period == {"start": "2026-07-01T10:00:00Z", "duration": "PT60S"}


def test_a_price_holds_for_both_directions_and_names_its_currency():
    prices = [BusPrice(span(0), "18", 0.21, "EUR"), BusPrice(span(0), "5", 0.2, "EUR")]
    events = price_events(prices, "p-1")
    assert [event["targets"] for event in events] == [["18"], ["5"]]
    assert values(events[0], "PRICE") == values(events[0], "EXPORT_PRICE") == [0.21]
    (price, _) = events[0]["payloadDescriptors"]
    assert (price["units"], price["currency"]) == ("KWH", "EUR")


def test_devices_have_events_of_their_own():
    points = [SetPoint(span(0), name, 0.0, 1.0) for name in ("b1", "b2")]
    assert len(dispatch_events(points, "p-1")) == 2
    assert dispatch_events([], "p-1") == []
