"""Which line the engine is at, in memory that a process shares with its copy: it can still be read when the copy has crashed."""

from __future__ import annotations

import mmap
import struct

from tieline.feeders.opendss.script.place import Place

NUMBER = struct.Struct("<qq")
"""Line number, and size of the file's name behind it."""

SIZE = 4096
"""Bytes: a page; a file name is shorter (255 on Linux)."""


class Progress:
    """Written by the copy, read by the process that made it."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SIZE)
        self._file = None

    def note(self, place: Place) -> None:
        """The engine begins with a line."""
        # lines of one file share its path, so that most notes write a number and no name
        if place.file is not self._file:
            self._file = place.file
            room = SIZE - NUMBER.size
            name = place.file.name.encode(errors="replace")[:room]
            self._memory[NUMBER.size : NUMBER.size + len(name)] = name
            NUMBER.pack_into(self._memory, 0, place.number, len(name))
        struct.pack_into("<q", self._memory, 0, place.number)

    def read(self) -> str:
        """Where the copy is or was, as in "line 3 of master.dss"; empty before the first line."""
        number, size = NUMBER.unpack_from(self._memory, 0)
        if not number:
            return ""
        name = self._memory[NUMBER.size : NUMBER.size + size]
        return f"line {number} of {name.decode(errors='replace')}"
