"""A clearing as it is told: dispatch, prices and settlement."""

from __future__ import annotations

from typing import Any

from tieline.service.api.bodies import published as shown
from tieline.service.store.clearings import Published
from tieline.service.store.intervals import Interval


def shown_interval(interval: Interval) -> shown.IntervalShown:
    """An interval."""
    return shown.IntervalShown(
        market=interval.market,
        interval=interval.starts_at,
        ends_at=interval.ends_at,
        gate_at=interval.gate_at,
        state=interval.state,
        revision=interval.published,
    )


def shown_dispatch(published: Published, participant: str | None) -> shown.Dispatch:
    """Set-points, of one participant's devices if one is given."""
    clearing = published.clearing
    set_points = [
        shown.SetPoint(**row._asdict())
        for row in clearing.dispatch
        if participant in (None, row.participant)
    ]
    head = _head(published)
    return shown.Dispatch(**head, set_points=set_points, facts=dict(clearing.facts))


def shown_prices(published: Published, currency: str) -> shown.Prices:
    """Prices by bus and phase."""
    prices = [
        shown.NodePrice(**row._asdict(), price=row.price)
        for row in published.clearing.prices
    ]
    return shown.Prices(**_head(published), currency=currency, prices=prices)


def shown_settlement(
    published: Published, currency: str, participant: str | None
) -> shown.Settlement:
    """Amounts, of one participant if one is given."""
    settled = [
        shown.Settled(**row._asdict())
        for row in published.clearing.settlement
        if participant in (None, row.participant)
    ]
    return shown.Settlement(**_head(published), currency=currency, settled=settled)


def _head(published: Published) -> dict[str, Any]:
    """Which clearing it is."""
    return {
        "market": published.clearing.market,
        "interval": published.clearing.starts_at,
        "revision": published.revision,
        "published_at": published.published_at,
        "status": published.clearing.status,
        "reason": published.clearing.reason,
        "because": because(published),
    }


def because(published: Published) -> str:
    """Why an interval was cleared again; empty for its first clearing."""
    return "" if published.request is None else published.request.reason
