"""What to say when DERs cannot keep a minute's limits: which limits, by how much, in which minute, and what helps."""

from __future__ import annotations

from tieline.errors import NoAnswerError
from tieline.opf.balancing.clearing import Clearing
from tieline.opf.balancing.minute import Minute
from tieline.opf.infeasible import NAMED


class UnmetLimitsError(NoAnswerError):
    """A limit lies below what the DERs called can relieve; `nearest` is the clearing that misses least."""

    def __init__(self, nearest: Clearing):
        self.nearest = nearest
        super().__init__(_message(nearest))


def _message(nearest: Clearing) -> str:
    minute = nearest.minute
    broken = nearest.watched_violations
    lines = [
        f"{minute.label}: a limit of feeder '{minute.network.feeder.name}' lies below what the DERs called can relieve. What "
        "could be met:"
    ]
    lines += [f"  {limit}" for limit in broken[:NAMED]]
    if len(broken) > NAMED:
        lines.append(f"  and {len(broken) - NAMED} more")
    lines.append(_remedy(minute))
    return "\n".join(lines)


def _remedy(minute: Minute) -> str:
    is_idle = minute.may_serve & ~minute.chosen
    idle = int(is_idle.any(axis=0).sum())
    if idle:
        return f"Raise the limit, or call more DERs: {idle} more may serve."
    return (
        "Raise the limit, lower the load, or add DERs: all that may serve are called."
    )
