"""What a reader of a connection study must know beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.reports.numbers import format_number
from tieline.reports.remarks import Remark, approximated
from tieline.studies.answer import Metric
from tieline.studies.connect.ways.case import Case
from tieline.studies.siting.remarks import tell_setting


def make_remarks(case: Case, metrics: dict[str, Metric]) -> list[Remark]:
    """All remarks, one sentence each."""
    return [
        *tell_setting(case.setting),
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
    kw = format_number(metrics["followed_capacity_kw"])
    answer = "still a limit breaks" if allowed == "no" else "no limit breaks"
    yield (
        f"Once regulators and capacitors have followed the plant, {answer}, and {kw} kW fit."
    )
