"""Callers keep to their plan, whatever the server does."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from tieline.bench.service.load.bidders import Callers, read_answer
from tieline.bench.service.load.plan import Bidder, Plan, Sample

BIDDERS = [Bidder("ann", "key", "roof", 10.0), Bidder("bob", "key", "mill", 5.0)]
PAUSE_S = 0.3


def test_a_server_that_stalls_is_asked_on(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(_call_a_slow_server())
    lines = capsys.readouterr().out.splitlines()
    samples = [Sample(*json.loads(line)) for line in lines]
    first_answer_s = min(sample.answered_s for sample in samples)
    # who waits for an answer before the next bid would have sent one
    assert sum(sample.sent_s < first_answer_s for sample in samples) > 5
    assert all(s.planned_s <= s.sent_s <= s.answered_s for s in samples)
    # the pause counts from the planned instant
    assert min(sample.latency_ms for sample in samples) >= 1000 * PAUSE_S
    assert {sample.bid_id for sample in samples} == {7}


async def _call_a_slow_server() -> None:
    starts_at = datetime.now(UTC) + timedelta(hours=1)
    row = {"interval": "2030-01-01T00:00:00Z", "gate_at": starts_at.isoformat()}

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while head := await _read_request(reader):
            if head.startswith(b"GET"):
                _send(writer, 200, {"intervals": [row]})
            else:
                await asyncio.sleep(PAUSE_S)
                _send(writer, 201, {"bid_id": 7})

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    plan = Plan("127.0.0.1", port, rate=60, seconds=1.0, seed=0, bidders=BIDDERS)
    await Callers(plan).call(asyncio.Event())
    server.close()


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = int(head.rpartition(b"Content-Length: ")[2])
    await reader.readexactly(length)
    return head


def _send(writer: asyncio.StreamWriter, status: int, content: object) -> None:
    body = json.dumps(content)
    writer.write(
        f"HTTP/1.1 {status} OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )


def test_what_an_answer_says() -> None:
    problem = {"type": "urn:tieline:problem:gate-closed"}
    assert read_answer(409, json.dumps(problem).encode()) == ("gate-closed", 0)
    assert read_answer(201, b'{"bid_id": 3}') == ("", 3)
