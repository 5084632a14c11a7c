"""When microgrids merge and split: a load at a border, watched minute by minute."""

from tieline.network.merging.steps import (
    MergeEvent,
    MergeRule,
    MergeState,
    MergeStep,
    first_state,
    group_labels,
    merge_step,
)
from tieline.network.merging.timeline import MergeTimeline, merge_timeline
from tieline.network.merging.watches import Watch, default_p_max_kw, watch_bus

__all__ = [
    "MergeEvent",
    "MergeRule",
    "MergeState",
    "MergeStep",
    "MergeTimeline",
    "Watch",
    "default_p_max_kw",
    "first_state",
    "group_labels",
    "merge_step",
    "merge_timeline",
    "watch_bus",
]
