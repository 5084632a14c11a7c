"""The callers' process: bids at planned instants, whatever the server does, a line for each with what became of it.

    python -m tieline.bench.service.load.bidders < plan        ends with its plan, or when its standard input does

Instants come at random around a mean rate (a Poisson process), as participants know nothing of each other. They do not wait for
answers: a server that stalls is asked on, and its time counts from the instant that was planned. A caller that waits would leave
out exactly the requests that a stall hits ("coordinated omission").

Source: G. Tene, How NOT to Measure Latency, Strange Loop 2015; Schroeder et al., Open versus closed, NSDI 2006.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tieline.bench.service.load.plan import (
    HIGHEST,
    LOWEST,
    MARKET,
    Bidder,
    Plan,
    Sample,
)
from tieline.bench.service.load.wire import Pool, request_bytes

MOST_CONNECTIONS = 64
"""At a rate of 200 a second they are all in use only when the server has said nothing for a third of a second."""

LOOK_S = 1.0
"""Between two questions for the gates that come."""

AHEAD = timedelta(minutes=5)
"""Of the intervals that are asked for."""

GATES = 2
"""Bids are for one of the next gates."""

LOST = "connection lost"
"""What is written in place of a problem where no answer came."""


class Gate(NamedTuple):
    """When an interval's gate closes, on the computer's clock [s], and the path of its bids."""

    closes_s: float
    path: str


class Callers:
    """All callers of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._random = random.Random(plan.seed)
        # each is used once a second at least: the server closes what rests for five
        most = min(MOST_CONNECTIONS, math.ceil(plan.rate))
        self._pool = Pool(plan.host, plan.port, most)
        self._gates: list[Gate] = []
        self._began_s = 0.0

    async def call(self, ended: asyncio.Event) -> None:
        """Bid from the plan's beginning to its end, and write a line for each bid."""
        await self._wait_for_gates()
        self._began_s = time.perf_counter()
        # one that fails for a reason of its own ends all: a bid that nobody counts would be left out of the times
        async with asyncio.TaskGroup() as calls:
            looking = calls.create_task(self._look_at_gates())
            for planned_s in self._instants():
                await asyncio.sleep(planned_s - self._now_s())
                if ended.is_set():
                    break
                calls.create_task(self._bid(planned_s))
            looking.cancel()

    def _now_s(self) -> float:
        return time.perf_counter() - self._began_s

    def _instants(self) -> Iterator[float]:
        planned_s = self._random.expovariate(self._plan.rate)
        while planned_s < self._plan.seconds:
            yield planned_s
            planned_s += self._random.expovariate(self._plan.rate)

    async def _bid(self, planned_s: float) -> None:
        bidder = self._random.choice(self._plan.bidders)
        p_kw = bidder.p_kw * self._random.uniform(0.1, 1.0)
        price = self._random.uniform(LOWEST, HIGHEST)
        request = self._request(bidder, p_kw, price)
        sent_s = self._now_s()
        try:
            status, body = await self._pool.ask(request)
            problem, bid_id = read_answer(status, body)
        except OSError:
            status, problem, bid_id = 0, LOST, 0
        answered_s = self._now_s()
        times_s = (planned_s, sent_s, answered_s)
        offer = (bidder.device, p_kw, price)
        print(json.dumps(Sample(*times_s, status, problem, bid_id, *offer)))

    def _request(self, bidder: Bidder, p_kw: float, price: float) -> bytes:
        now_s = time.time()
        coming = [gate for gate in self._gates if gate.closes_s > now_s][:GATES]
        gate = self._random.choice(coming or self._gates)
        block = {"p_discharge_kw": p_kw, "price_per_kwh": price}
        body = {"offers": [{"device": bidder.device, "blocks": [block]}]}
        path = f"{gate.path}/{bidder.participant}"
        return request_bytes("PUT", path, bidder.key, json.dumps(body).encode())

    async def _wait_for_gates(self) -> None:
        """Wait until the market has begun: it does so when a worker is ready to clear it."""
        await self._look()
        while not self._gates:
            await asyncio.sleep(LOOK_S)
            await self._look()

    async def _look_at_gates(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            # a server that hangs up has gates again when it is back
            with suppress(OSError):
                await self._look()

    async def _look(self) -> None:
        now = datetime.now(UTC)
        moments = f"earliest={_text(now)}&latest={_text(now + AHEAD)}"
        path = f"/v1/markets/{MARKET}/intervals?{moments}"
        # asked by one after the other, as each may ask so much a second
        key = self._random.choice(self._plan.bidders).key
        reply = await self._pool.ask(request_bytes("GET", path, key))
        if reply.status == 200:
            rows = json.loads(reply.body)["intervals"]
            self._gates = [_gate(row) for row in rows]


def _text(moment: datetime) -> str:
    """A moment in an address, where a zone of +00:00 would need escaping."""
    return moment.isoformat().replace("+00:00", "Z")


def _gate(row: dict[str, Any]) -> Gate:
    closes_s = datetime.fromisoformat(row["gate_at"]).timestamp()
    return Gate(closes_s, f"/v1/markets/{MARKET}/intervals/{row['interval']}/bids")


def read_answer(status: int, body: bytes) -> tuple[str, int]:
    """Kind of the problem and number of the bid; one of them is nothing."""
    values = json.loads(body)
    if status == 201:
        return "", values["bid_id"]
    return values["type"].rpartition(":")[2], 0


async def _main() -> None:
    plan = json.loads(sys.stdin.readline())
    bidders = [Bidder(**bidder) for bidder in plan.pop("bidders")]
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end() -> None:
        loop.remove_reader(sys.stdin)
        ended.set()

    # a pipe that ends can be read: whoever started this has enough, or is gone
    loop.add_reader(sys.stdin, end)
    await Callers(Plan(**plan, bidders=bidders)).call(ended)


if __name__ == "__main__":
    asyncio.run(_main())
