"""The headline of a transfer-capability result: how much is available, and what stops it."""

from __future__ import annotations

import pandas as pd

from tieline.feeders import Feeder
from tieline.reports.headline import Headline
from tieline.reports.html import Table
from tieline.reports.numbers import each_with_unit, format_number, with_unit
from tieline.reports.places import place_words
from tieline.settings.limits import kind_of
from tieline.studies.result import Result
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.telling.tables import NO_SOLUTION
from tieline.studies.transfer_capability.world.transfer import Transfer, make_transfer

NAMED_BUSES = 6
"""Buses of a set that a sentence names."""


def headline(result: Result) -> Headline:
    """What a reader of a transfer-capability result sees first."""
    config = result.config
    assert isinstance(config, TransferCapabilityConfig)
    feeder = result.feeder
    available = f"{_kw(result, 'atc_kw')} available{_doubt(result)}"
    return Headline(
        title=f"Transfer capability of {feeder.name}: {available}",
        question=_question(feeder, make_transfer(feeder, config), config),
        summary=_summary(result),
        table=limit_table(result),
    )


def limit_table(result: Result) -> Table:
    """Where each limit alone would end the transfer, beside estimates."""
    limits = result.tables["limits"]
    units = [_unit(str(name)) for name in limits["limit"]]
    in_words = limits.assign(
        limit=limits["limit"].map(lambda name: limit_words(str(name))),
        number=each_with_unit(limits["number"].tolist(), units),
        place=_places(limits["place"], result.feeder),
        tangent_place=_places(limits["tangent_place"], result.feeder),
    )
    headings = {
        "number": "limit is",
        "transfer_kw": "ends the transfer at [kW]",
        "place": "at",
        "tangent_estimate_kw": "estimate, base-case derivatives [kW]",
        "tangent_place": "estimated at",
        "dc_estimate_kw": "estimate, DC factors [kW]",
    }
    caption = "Where each limit alone would end the transfer (AC power flow), and what estimates say."
    return Table(in_words, caption, headings)


def _places(places: pd.Series, feeder: Feeder) -> list[str]:
    return [place_words(str(place), feeder) for place in places]


def _summary(result: Result) -> list[tuple[str, object]]:
    limit = limit_words(str(result.metrics["binding_limit"]))
    return [
        ("Available (ATC)", _kw(result, "atc_kw")),
        ("Total (TTC)", _kw(result, "ttc_kw")),
        ("Reliability margin (TRM)", _kw(result, "trm_kw")),
        ("Benefit margin (CBM)", _kw(result, "cbm_kw")),
        ("Stopped by", f"{limit} {_at(result)}".strip()),
        ("Draws not judged", _unjudged(result)),
    ]


def _kw(result: Result, name: str) -> str:
    return with_unit(result.metrics[name], "kW")


def _doubt(result: Result) -> str:
    """What was not judged, as the end of the headline."""
    return ", not all draws judged" if result.metrics["cases_unjudged"] else ""


def _unjudged(result: Result) -> str:
    """Draws without a power-flow solution before any transfer."""
    count = result.metrics["cases_unjudged"]
    if count:
        return f"{count} ({format_number(result.metrics['unjudged_pct'])} %)"
    return "none"


def _unit(limit: str) -> str:
    """Unit of a limit's number; where the power flow ends there is none."""
    if limit == NO_SOLUTION:
        return ""
    return kind_of(limit).unit


def limit_words(limit: str) -> str:
    """A limit as it is called."""
    if limit == NO_SOLUTION:
        return "no power-flow solution"
    return kind_of(limit).words


def _at(result: Result) -> str:
    place = result.metrics["binding_at"]
    if not place:
        return ""
    return f"at {place_words(str(place), result.feeder)}"


def _listed(buses: tuple[str, ...]) -> str:
    names = ", ".join(buses[:NAMED_BUSES])
    more = len(buses) - NAMED_BUSES
    if more > 0:
        names += f" and {more} more"
    if len(buses) > 1:
        return f"buses {names}"
    return f"bus {names}"


def _question(
    feeder: Feeder, transfer: Transfer, config: TransferCapabilityConfig
) -> str:
    return (
        f"How much more power can be sent from {_listed(transfer.senders)} to {_listed(transfer.receivers)} of {feeder.name}, on "
        f"top of {format_number(config.load_pct)} % load?"
    )
