"""What a reader of any study of a plant at a bus must know beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.counted import counted
from tieline.reports.remarks import Remark, approximated, broken
from tieline.studies.gauges import tell_unrated
from tieline.studies.siting.setting import Setting


def tell_setting(setting: Setting) -> list[Remark]:
    """One sentence each on what is broken before, what is not rated, and what regulators do."""
    return [
        *broken(_broken_before(setting)),
        *approximated(_unrated(setting)),
        *approximated(_controls(setting)),
    ]


def count_broken_before(setting: Setting) -> int:
    """Places that break a limit without the plant, each situation counted."""
    count = 0
    for base in setting.bases:
        for k, gauge in enumerate(setting.gauges):
            beyond = gauge.kind.side * (base.readings[k] - base.limits[k])
            count += int((beyond > gauge.slack).sum())
    return count


def _broken_before(setting: Setting) -> Iterator[str]:
    count = count_broken_before(setting)
    if count:
        yield (
            f"Without the plant a limit is broken at {counted(count, 'place')}, each situation counted: there the plant may not "
            "make it worse by more than a thousandth of the limit."
        )


def _unrated(setting: Setting) -> Iterator[str]:
    for gauge in setting.gauges:
        elements = tell_unrated(setting.network, gauge)
        if elements:
            yield f"{elements} have no rating: their loading is not judged. Give --line-rating-a, or ratings in the feeder."


def _controls(setting: Setting) -> Iterator[str]:
    if setting.config.controls == "hold" and setting.feeder.has_controls:
        yield (
            "Regulators and capacitors stay where they rest without the plant, which comes and goes faster than they "
            "follow (--controls hold; feeder lets them follow)."
        )
