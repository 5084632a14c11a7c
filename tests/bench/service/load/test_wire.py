"""Answers as bytes come in, and connections that the server closes."""

from __future__ import annotations

import asyncio

import pytest

from tieline.bench.service.load.wire import (
    Connection,
    Pool,
    Reply,
    read_reply,
    request_bytes,
)

WHOLE = b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\nX-Other: 1\r\n\r\nbody"


def test_an_answer_is_read_once_it_is_whole() -> None:
    assert [read_reply(WHOLE[:end]) for end in range(len(WHOLE))] == [None] * len(WHOLE)
    assert read_reply(WHOLE) == Reply(201, b"body")


def test_an_answer_without_a_body() -> None:
    assert read_reply(b"HTTP/1.1 204 No Content\r\n\r\n") == Reply(204, b"")


def test_a_request_says_how_long_it_is() -> None:
    request = request_bytes("PUT", "/v1/x", "secret", b"{}")
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"PUT /v1/x HTTP/1.1"
    assert b"Authorization: Bearer secret" in lines
    assert b"Content-Length: 2" in lines
    assert body == b"{}"


class Wire(asyncio.Transport):
    """Takes what is sent."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take it."""


async def _answer_who_has_gone() -> None:
    connection = Connection()
    connection.connection_made(Wire())
    connection.ask(b"request").cancel()
    connection.data_received(WHOLE)
    asked_again = connection.ask(b"request")
    connection.data_received(WHOLE)
    assert (await asked_again).status == 201


def test_an_answer_to_who_has_gone_is_dropped() -> None:
    asyncio.run(_answer_who_has_gone())


def test_a_connection_that_was_closed_is_opened_again_and_one_that_breaks_is_told() -> (
    None
):
    asyncio.run(_ask_a_server_that_hangs_up())


async def _ask_a_server_that_hangs_up() -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if b"/broken" not in request:
            writer.write(WHOLE)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pool = Pool("127.0.0.1", port, most=1)
    for _ in range(2):
        assert await pool.ask(request_bytes("GET", "/", "")) == Reply(201, b"body")
        # the loop hears of the end of a connection in one of its next rounds
        await asyncio.sleep(0.05)
    with pytest.raises(ConnectionError):
        await pool.ask(request_bytes("GET", "/broken", ""))
    # the permit of the broken one is free again
    assert (await pool.ask(request_bytes("GET", "/", ""))).status == 201
    server.close()
    await server.wait_closed()
