"""What differs between runs as plain data, for programs: `tieline compare --json`."""

from __future__ import annotations

from typing import Any

from tieline.studies.comparison.differences import (
    limit_differences,
    metric_differences,
    setting_differences,
)
from tieline.studies.comparison.feeders import feeder_differences
from tieline.studies.comparison.runs import Runs
from tieline.studies.result import plain_number


def comparison_content(runs: Runs) -> dict[str, Any]:
    """The differences; `runs` as `runs.read_runs` gives them.

    Returns:
        study: that all runs are of.
        runs: their names, the first the one that feeders are compared with.
        settings, metrics: the values of each that differs, by its name and the run; null where there is none.
        broken_limits: sentences on limits that not all runs break, and the runs that break them.
        feeder_sha256: of the feeder of each run.
        feeder_elements: for each run and kind of element how many are in the first feeder alone, in this one alone, changed; a
            value that is no list stands as text.
    """
    metrics = {}
    for name, of_runs in metric_differences(runs).items():
        metrics[name] = {run: plain_number(value) for run, value in of_runs.items()}
    return {
        "study": next(iter(runs.values())).study,
        "runs": list(runs),
        "settings": setting_differences(runs),
        "metrics": metrics,
        "broken_limits": limit_differences(runs),
        "feeder_sha256": {name: result.feeder_sha256 for name, result in runs.items()},
        "feeder_elements": feeder_differences(runs),
    }
