"""What the state of a run means for whoever waits for its answer."""

from __future__ import annotations

from tieline.service.store.runs import Run

UNFINISHED = ("waiting", "running")

LAST_KINDS = ("done", "failed", "cancelled", "gave_up")
"""Events after which nothing happens to a run."""


def is_unfinished(run: Run) -> bool:
    """Whether a run may still be answered."""
    return run.state in UNFINISHED
