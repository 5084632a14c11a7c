"""What a reader of a connection study must know beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.counted import counted
from tieline.studies.answer import Metric
from tieline.studies.connect.ways.case import Case
from tieline.studies.gauges import tell_unrated


def make_remarks(case: Case, metrics: dict[str, Metric]) -> list[str]:
    """All remarks, one sentence each."""
    return [*_of_base(metrics), *_of_ratings(case), *_of_plant(case)]


def _of_base(metrics: dict[str, Metric]) -> Iterator[str]:
    count = metrics["broken_before"]
    if count:
        yield (
            f"Without the plant a limit is broken at {counted(int(count), 'place')}, each situation counted: there the plant may "
            "not make it worse by more than a thousandth of the limit."
        )


def _of_ratings(case: Case) -> Iterator[str]:
    for gauge in case.setting.gauges:
        unrated = tell_unrated(case.setting.network, gauge)
        if unrated:
            yield f"{unrated} have no rating, their loading is not judged. Give --line-rating-a, or ratings in the feeder."


def _of_plant(case: Case) -> Iterator[str]:
    config = case.setting.config
    if config.controls == "hold" and case.setting.feeder.has_controls:
        yield (
            "Regulators and capacitors stay where they rest without the plant: it comes and goes faster than they follow. "
            "--controls feeder judges what remains once they have followed."
        )
    yield "Not looked at: short-circuit currents and protection, harmonics, flicker, costs."
