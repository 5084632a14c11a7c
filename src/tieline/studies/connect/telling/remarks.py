"""What a reader of a connection study must know beside its numbers."""

from __future__ import annotations

from tieline.studies.connect.ways.case import Case
from tieline.studies.siting.remarks import tell_setting


def make_remarks(case: Case) -> list[str]:
    """All remarks, one sentence each."""
    return [
        *tell_setting(case.setting),
        "Not looked at: short-circuit currents and protection, harmonics, flicker, costs.",
    ]
