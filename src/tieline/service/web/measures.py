"""What the service counts of itself, for Prometheus: requests, how long they took, refusals, and what stands in the database.

One registry an app, so that two apps in one process (tests) do not count for each other. Paths are counted by their pattern
(`/v1/runs/{run}`): with the ids in it each request would be a series of its own.
"""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
"""Bounds of the times of requests [s]; the goal of bids is 0.02."""

UNKNOWN = "unknown"
"""Path of what no operation answers: its real path is the caller's invention."""


class Measures:
    """The counters of one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tieline_requests",
            "Requests that were answered.",
            ("method", "path", "status"),
            registry=self.registry,
        )
        self.times = Histogram(
            "tieline_request_seconds",
            "Time to the first byte of the answer.",
            ("method", "path"),
            registry=self.registry,
            buckets=BUCKETS_S,
        )
        self.workers = self._gauge("tieline_workers_ready", "Workers that are ready.")
        self.streams = self._gauge("tieline_streams", "Event streams that are open.")
        self.waiting = self._gauge(
            "tieline_writes_waiting", "Pieces of work that wait to be written."
        )
        self.runs = Gauge(
            "tieline_runs", "Runs by state.", ("state",), registry=self.registry
        )

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)


class Counted:
    """Middleware that counts every request."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self.app = app
        self.measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count when the answer begins."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, counted_send)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        # set by the router once it knows who answers
        route = scope.get("route")
        path = getattr(route, "path", UNKNOWN)
        method = scope["method"] if route is not None else UNKNOWN
        self.measures.requests.labels(method, path, status).inc()
        self.measures.times.labels(method, path).observe(seconds)
