"""The contests, one file per task: who plays which days. A contest is made when it is asked for, as it draws its days."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tieline.bench.learning.contest import Contest
from tieline.bench.learning.contests.ders123 import ders123
from tieline.bench.learning.contests.ders141 import ders141
from tieline.bench.learning.contests.ders141_as_published import ders141_as_published
from tieline.bench.learning.contests.dso33 import dso33
from tieline.bench.learning.contests.dso33_as_published import dso33_as_published
from tieline.bench.learning.contests.dso123 import dso123
from tieline.bench.learning.contests.voltage_control import voltage_control

CONTESTS: Mapping[str, Callable[[], Contest]] = {
    "dso33-as-published": dso33_as_published,
    "dso33": dso33,
    "dso123": dso123,
    "ders141-as-published": ders141_as_published,
    "ders141": ders141,
    "ders123": ders123,
    "voltage-control": voltage_control,
}
"""Name of the task -> its contest."""
