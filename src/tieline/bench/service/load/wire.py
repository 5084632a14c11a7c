"""Connections of a caller: the least of HTTP/1.1 (RFC 9112) that one needs, kept alive, one request at a time on each.

A client library takes about as long for a request as the server does, and the callers are to leave the server its processor.
It reads answers with a `Content-Length`, which all of the service's have but its streams.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NamedTuple

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"


class Reply(NamedTuple):
    """An answer: its status and body."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """A connection that is open."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._bytes = b""
        self._reply: asyncio.Future[Reply] | None = None
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop; who waits for an answer is told."""
        del exc
        self.is_open = False
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self._bytes += data
        reply = read_reply(self._bytes)
        if reply is None or self._reply is None:
            return
        self._bytes = b""
        # who asked may have gone
        if not self._reply.done():
            self._reply.set_result(reply)

    def ask(self, request: bytes) -> asyncio.Future[Reply]:
        """Send a request; nothing may be sent before its answer has come."""
        assert self._transport is not None  # it was opened
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._reply


class Pool:
    """Connections to one server; requests beyond their number wait.

    Args:
        host, port: of the server.
        most: connections.
    """

    def __init__(self, host: str, port: int, most: int) -> None:
        self._address = (host, port)
        # who has rested longest comes first, so that none rests until the server closes it
        self._free: deque[Connection] = deque()
        self._permits = asyncio.Semaphore(most)

    async def ask(self, request: bytes) -> Reply:
        """The answer to a request.

        Raises:
            OSError: if there is none.
        """
        async with self._permits:
            connection = await self._take()
            reply = await connection.ask(request)
            self._free.append(connection)
        return reply

    async def _take(self) -> Connection:
        while self._free:
            connection = self._free.popleft()
            if connection.is_open:
                return connection
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, *self._address)
        return connection


def read_reply(data: bytes) -> Reply | None:
    """The answer that bytes hold; None while it is not whole."""
    head, _, body = data.partition(END_OF_HEAD)
    lowered = head.lower()
    place = lowered.find(LENGTH)
    if not data or END_OF_HEAD not in data:
        return None
    length = 0
    if place >= 0:
        length = int(lowered[place + len(LENGTH) :].split(b"\r\n", 1)[0])
    if len(body) < length:
        return None
    # "HTTP/1.1 201 Created"
    return Reply(int(head[9:12]), body)


def request_bytes(method: str, path: str, key: str, body: bytes = b"") -> bytes:
    """A request as it is sent."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {key}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    head = "\r\n".join(lines).encode("ascii")
    return head + END_OF_HEAD + body
