"""Whether the service lives, whether it can work, and what it counts.

Live: the process answers. Ready: the database answers, and a worker has compiled what it computes with and was seen lately;
before that a gate would close on a market that nobody can clear.
"""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from tieline.service.jobs import workers
from tieline.service.store import runs
from tieline.service.web.problems import Refusal, documented
from tieline.service.web.service import Service, ServiceHere

ROUTES = APIRouter(tags=["health"])

AGAIN = {"Retry-After": "2"}


class Alive(BaseModel):
    """The process answers."""

    status: str = "live"


class Ready(BaseModel):
    """The service can work."""

    status: str = "ready"
    workers: int = Field(description="Workers that have compiled their kernels.")


@ROUTES.get("/health/live")
def live() -> Alive:
    """Whether the process answers; it asks nothing else."""
    return Alive()


@ROUTES.get("/health/ready", responses=documented("not-ready"))
def ready(service: ServiceHere) -> Ready:
    """Whether the database answers and a worker is ready."""
    count = _ready_workers(service)
    if count == 0:
        detail = "No worker is ready. One that was just started compiles its kernels, which takes up to a minute."
        raise Refusal("not-ready", detail, headers=AGAIN)
    return Ready(workers=count)


def _ready_workers(service: Service) -> int:
    with service.store.read() as connection:
        return workers.ready_count(connection, service.store.now())


@ROUTES.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
def metrics(service: ServiceHere) -> Response:
    """Counters in the format of Prometheus."""
    _look(service)
    content = generate_latest(service.measures.registry)
    return Response(content, media_type=CONTENT_TYPE_LATEST)


def _look(service: Service) -> None:
    """Set what is read when it is asked for."""
    measures = service.measures
    measures.workers.set(_ready_workers(service))
    measures.streams.set(service.streams)
    measures.waiting.set(service.store.waiting)
    with service.store.read() as connection:
        counts = runs.counts(connection)
    for state, count in counts.items():
        measures.runs.labels(state).set(count)
