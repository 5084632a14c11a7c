"""What is published of an interval, in documents of other systems: OpenADR 3 events, IEEE 2030.5 controls of a device.

They are made of the clearing that counts and stored nowhere; whoever runs a VTN or a 2030.5 server fetches them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from tieline.errors import unknown_name_message
from tieline.service.api.auth import Anybody
from tieline.service.api.markets import NOT_THERE, FoundPublished, IntervalStart
from tieline.service.export.ieee2030_5 import LARGEST_PEN, control_list
from tieline.service.export.openadr import dispatch_events, price_events
from tieline.service.export.rows import BusPrice, SetPoint, Span
from tieline.service.store import intervals
from tieline.service.store.clearings import Published
from tieline.service.web.names import MarketName, Name
from tieline.service.web.problems import Refusal
from tieline.service.web.service import ServiceHere

ROUTES = APIRouter(
    prefix="/v1/markets/{market}/intervals/{interval}", tags=["documents"]
)

XML = "application/sep+xml"
"""Media type of IEEE 2030.5."""

Program = Annotated[
    str,
    Query(
        pattern="^[a-zA-Z0-9_-]{1,128}$",
        description="Id that the VTN gave to the program of this market.",
    ),
]


@ROUTES.get("/openadr", responses=NOT_THERE)
def openadr(
    market: MarketName,
    interval: IntervalStart,
    service: ServiceHere,
    person: Anybody,
    clearing: FoundPublished,
    program: Program,
    what: Annotated[
        Literal["dispatch", "prices"], Query(description="Which events.")
    ] = "dispatch",
) -> list[dict[str, Any]]:
    """OpenADR 3.1 events: set-points of devices (a participant's own), or prices of buses."""
    row, counting = clearing
    span = _span(service, counting)
    if what == "prices":
        return price_events(_bus_prices(span, counting, row.currency), program)
    return dispatch_events(_set_points(span, counting, person), program)


@ROUTES.get(
    "/ieee2030-5/{device}",
    responses={200: {"content": {XML: {"schema": {"type": "string"}}}}, **NOT_THERE},
    response_class=Response,
)
def ieee2030_5(
    market: MarketName,
    interval: IntervalStart,
    device: Annotated[Name, Path(description="Name of the device.")],
    service: ServiceHere,
    person: Anybody,
    clearing: FoundPublished,
    pen: Annotated[
        int,
        Query(
            ge=0, le=LARGEST_PEN, description="Private enterprise number of the sender."
        ),
    ] = 0,
) -> Response:
    """IEEE 2030.5 DERControlList of a device (a participant's own)."""
    _, counting = clearing
    points = _set_points(_span(service, counting), counting, person)
    of_device = [point for point in points if point.device == device]
    if not of_device:
        names = [point.device for point in points]
        raise Refusal("not-there", unknown_name_message("device", device, names))
    place = f"/v1/markets/{market}/intervals/{interval.isoformat()}/ieee2030-5/{device}"
    document = control_list(of_device, service.store.now(), place, pen)
    return Response(document, media_type=XML)


def _span(service: ServiceHere, counting: Published) -> Span:
    clearing = counting.clearing
    with service.store.read() as connection:
        interval = intervals.get(connection, clearing.market, clearing.starts_at)
    return Span(
        clearing.market, interval.starts_at, interval.ends_at, counting.revision
    )


def _set_points(span: Span, counting: Published, person: Anybody) -> list[SetPoint]:
    """Of all devices; of a participant's for a participant."""
    is_limited = person.role == "participant"
    return [
        SetPoint(span, row.device, row.p_charge_kw, row.p_discharge_kw)
        for row in counting.clearing.dispatch
        if not is_limited or row.participant == person.name
    ]


def _bus_prices(span: Span, counting: Published, currency: str) -> list[BusPrice]:
    """The mean over the phases of each bus: a customer of OpenADR has one meter."""
    return [
        BusPrice(span, bus, price, currency)
        for bus, price in counting.clearing.mean_by_bus("price").items()
    ]
