"""Messages between the two processes: a size, a status and as many bytes as the size says."""

from __future__ import annotations

import struct
from typing import BinaryIO

HEAD = struct.Struct(">qi")
"""Size of the message and exit status of the process that wrote it: 0, an exit code, or minus the number of a signal."""


def write_frame(stream: BinaryIO, data: bytes, status: int = 0) -> None:
    """Send one message."""
    stream.write(HEAD.pack(len(data), status))
    stream.write(data)
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[bytes, int] | None:
    """The next message and its status; None if the other side is gone."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    size, status = HEAD.unpack(head)
    data = stream.read(size)
    return (data, status) if len(data) == size else None
