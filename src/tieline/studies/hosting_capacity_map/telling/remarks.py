"""What a reader of a hosting-capacity map must know beside its numbers."""

from __future__ import annotations

import pandas as pd

from tieline.counted import counted
from tieline.reports.numbers import with_unit
from tieline.reports.remarks import Remark, approximated
from tieline.studies.siting.capacity import NO_SOLUTION
from tieline.studies.siting.remarks import tell_setting
from tieline.studies.siting.setting import Setting


def make_remarks(setting: Setting, buses: pd.DataFrame) -> list[Remark]:
    """All remarks, one sentence each."""
    texts = [
        "Each bus is asked by itself: plants at several buses share what the feeder can take, so their numbers do not add up."
    ]
    n_unsolved = int((buses["limit"] == NO_SOLUTION).sum())
    if n_unsolved:
        texts.append(
            f"At {counted(n_unsolved, 'bus')} there is no power flow above the capacity, before any limit breaks."
        )
    n_unlimited = int(buses["is_least"].sum())
    if n_unlimited:
        texts.append(
            f"At {counted(n_unlimited, 'bus')} no limit breaks up to {with_unit(setting.most_kw, 'kW')}, the largest plant "
            "that was looked at: --most-kw looks further."
        )
    return [*approximated(texts), *tell_setting(setting)]
