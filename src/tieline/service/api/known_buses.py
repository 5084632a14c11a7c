"""Measurements at the door: buses that take nothing cannot be measured, and are told by name."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.service.api.bodies.measurements import MeasuredBus
from tieline.service.store import markets
from tieline.service.web.problems import Finding, Refusal
from tieline.service.web.service import Service


def require_buses(service: Service, market: str, rows: Sequence[MeasuredBus]) -> None:
    """Refuse measurements of buses that have neither load nor meter, with all of them; reads the feeder of a market once."""
    with service.store.read() as connection:
        definition = markets.find(connection, market).definition
    if not rows:
        return
    # not at the top: a service without a market needs nothing of it
    from tieline.service.market.measured import (
        Measured,
        check_measured,
        measured_buses,
    )

    measured = [Measured(row.bus, row.p_kw, row.q_kvar) for row in rows]
    problems = check_measured(measured_buses(definition), measured)
    if problems:
        findings = [Finding(where="/buses", message=text) for text in problems]
        detail = "Some of these cannot be measured in this market; nothing was stored. Correct them and send all again."
        raise Refusal("not-valid", detail, findings)
