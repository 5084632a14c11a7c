"""Live as soon as it answers, ready once a worker has compiled its kernels, and counted."""

from __future__ import annotations

from datetime import timedelta

from service_world import World

from tieline.service.jobs import workers


def test_ready_needs_a_worker_that_is_and_was_seen_lately(world: World):
    store = world.store
    assert world.ask(None, "GET", "/health/live").status_code == 200
    answer = world.ask(None, "GET", "/health/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    store.write(lambda c: workers.announce(c, "w1", ["run"], store.now()))
    assert world.ask(None, "GET", "/health/ready").status_code == 503
    store.write(lambda c: workers.ready(c, "w1", store.now()))
    assert world.ask(None, "GET", "/health/ready").json()["workers"] == 1
    world.moment += timedelta(minutes=10)
    assert world.ask(None, "GET", "/health/ready").status_code == 503


def test_requests_are_counted_by_pattern(world: World):
    for name in ("minute", "hour"):
        world.ask("ann", "GET", f"/v1/markets/{name}")
    world.ask("ann", "GET", "/somewhere/else")
    lines = world.ask(None, "GET", "/metrics").text.splitlines()
    counts = [line for line in lines if line.startswith("tieline_requests_total")]
    pattern = 'method="GET",path="/v1/markets/{market}"'
    assert f'tieline_requests_total{{{pattern},status="200"}} 1.0' in counts
    assert f'tieline_requests_total{{{pattern},status="404"}} 1.0' in counts
    assert not any("somewhere" in line for line in counts)
