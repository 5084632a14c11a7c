"""What a run tells of its time, whichever of its minutes are cleared."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.studies.shell import run_study

QUIET: dict[str, Any] = {"optimum_every": 0, "consensus_every": 0, "sampled_minutes": 0}


@pytest.mark.parametrize("every_minutes", [30, 60])
def test_merges_are_those_of_the_cleared_time(every_minutes: int) -> None:
    """Series of the whole day rise and fall more often than in one hour; the step does not change what they did."""
    result = run_study(
        "market",
        watch="18:40, 67:40",
        from_hour=7.0,
        to_hour=8.0,
        every_minutes=every_minutes,
        **QUIET,
    )
    # at 07:39, where bus 18 passes 40 kW; ten more lie before 07:00
    assert result.metrics["merge_events"] == 1
