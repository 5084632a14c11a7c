"""What a worker does for a service in a test: it takes the job that waits and ends it."""

from __future__ import annotations

from typing import Any

from service_world import World

from tieline.service.jobs import queue
from tieline.service.jobs.job import Done
from tieline.service.jobs.kinds import KINDS, Desk


def work(world: World) -> None:
    """Do the job that waits."""
    store = world.store
    job = store.write(lambda c: queue.claim(c, "test", list(KINDS), store.now()))
    assert job is not None
    answer = KINDS[job.kind].load()(job.payload, Desk(store, job.job_id, job.token))

    def end(connection: Any) -> None:
        assert answer.write is not None
        answer.write(connection)
        queue.finish(connection, job.token, Done(answer.result), store.now())

    store.write(end)
