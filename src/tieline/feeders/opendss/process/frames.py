"""Messages between the two processes: a size, a status and as many bytes as the size says."""

from __future__ import annotations

import struct
import sys
from typing import IO

SERVES_MANY = sys.platform == "linux"
"""Whether one process answers for many files, by a fork for each. On macOS the numerical libraries do not bear a fork, Windows
has none: there a process serves one file."""

HEAD = struct.Struct(">qi")
"""Size of the message and exit status of the process that wrote it: 0, an exit code, or minus the number of a signal."""


def write_frame(stream: IO[bytes], data: bytes, status: int = 0) -> None:
    """Send one message."""
    pending = memoryview(HEAD.pack(len(data), status) + data)
    while pending:
        # a stream without buffer takes as much as the pipe has room for
        pending = pending[stream.write(pending) :]


def read_frame(stream: IO[bytes]) -> tuple[bytes, int] | None:
    """The next message and its status; None if the other side is gone."""
    head = _read(stream, HEAD.size)
    if head is None:
        return None
    size, status = HEAD.unpack(head)
    data = _read(stream, size)
    return None if data is None else (data, status)


def _read(stream: IO[bytes], size: int) -> bytes | None:
    parts = []
    while size:
        # a stream without buffer gives what is there, be it less than asked for
        part = stream.read(size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
