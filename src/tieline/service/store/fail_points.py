"""Named moments between two steps of a write, at which the tests let a process die.

    reach("writer: before commit")

Nothing happens there in production: no process of the service ever arms them, neither by a flag nor by its environment. A test
arms them in its own process, or in a child that it starts by a script of its own.
"""

from __future__ import annotations

from collections.abc import Callable

POINTS = (
    "writer: gathered",
    "writer: transaction begun",
    "writer: work done",
    "writer: before commit",
    "writer: committed",
    "writer: before acknowledgement",
    "ledger: bid written",
    "intervals: gate closed",
    "clearings: clearing written",
    "clearings: fates written",
    "clearings: before publication",
    "clearings: published",
    "queue: claimed",
    "queue: before the end is written",
    "worker: job begun",
    "worker: result at hand",
)
"""All of them, in the order in which a bid, its clearing and a job pass them."""

Act = Callable[[str], None]
"""What is done where a point is reached; it gets the point's name."""


class _Armed:
    act: Act | None = None


def reach(point: str) -> None:
    """Do what a test asked for at this point: nothing, outside of tests."""
    if _Armed.act is not None:
        _Armed.act(point)


def arm(act: Act | None) -> None:
    """Have `act` called at every point from now on; None ends it."""
    _Armed.act = act
