"""What a reader of a connection study must know beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.reports.numbers import with_unit
from tieline.reports.remarks import Remark, approximated, broken
from tieline.studies.answer import Metric
from tieline.studies.connect.ways.case import Case
from tieline.studies.siting.remarks import tell_setting


def make_remarks(case: Case, metrics: dict[str, Metric]) -> list[Remark]:
    """All remarks, one sentence each."""
    return [
        *tell_setting(case.setting),
        *broken(_recovers(metrics)),
        *approximated(_followed(metrics)),
        *approximated(
            [
                "Not looked at: short-circuit currents and protection, harmonics, flicker, costs."
            ]
        ),
    ]


def _followed(metrics: dict[str, Metric]) -> Iterator[str]:
    allowed = metrics["followed_allowed"]
    if allowed is None:
        return
    kw = with_unit(metrics["followed_capacity_kw"], "kW")
    answer = "still a limit breaks" if allowed == "no" else "no limit breaks"
    yield (
        f"Once regulators and capacitors have followed the plant, {answer}, and {kw} fit."
    )


def _recovers(metrics: dict[str, Metric]) -> Iterator[str]:
    """A plant that fits although a smaller one would not: what breaks between them recovers."""
    fits_kw = metrics["capacity_kw"]
    if metrics["allowed"] == "yes" and fits_kw < metrics["kw"]:
        yield (
            f"A plant a little larger than {with_unit(fits_kw, 'kW')} breaks a limit that the one asked for keeps: it may not be "
            "run at every power below its rating."
        )
