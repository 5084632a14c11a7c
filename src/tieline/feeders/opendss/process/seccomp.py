"""seccomp: a process lets the kernel refuse every system call but those that reading a file needs.

The filter is a small program that the kernel runs before each call. It lets a call of the list through, files may be opened for
reading only, and no memory may be made executable, so that no further library can be loaded, under whatever name. All else
fails with "not permitted". Source: Documentation/userspace-api/seccomp_filter.rst of the Linux kernel.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from dataclasses import dataclass

from tieline.feeders.opendss.process.syscalls import numbers

SET_NO_NEW_PRIVS = 38
SET_SECCOMP = 22
FILTER_MODE = 2

LOAD = 0x20
JUMP_IF_EQUAL = 0x15
JUMP_IF_AT_LEAST = 0x35
JUMP_IF_ANY_BIT = 0x45
RETURN = 0x06
"""Codes of the instructions."""

ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | 1
"""Answers: go on; fail with EPERM."""

CALL_NUMBER = 0
ARCHITECTURE = 4
FIRST_ARGUMENT = 16
ARGUMENT_SIZE = 8
"""Where the kernel puts what the program looks at, in bytes."""

EXECUTABLE = 0x4
"""`PROT_EXEC` of mmap and mprotect."""

WRITES = (
    os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    if sys.platform != "win32"
    else 0
)
"""Flags of open that mean writing. Unnamed temporary files (`O_TMPFILE`) need one of them."""

FOREIGN_CALLS = 0x40000000
"""From here on x86-64 numbers the calls of its 32-bit variant."""


@dataclass(frozen=True, slots=True)
class Machine:
    """An architecture: its mark in the kernel, and the numbers of the calls that are let through."""

    mark: int
    numbers: dict[str, int]


MACHINES = {
    "x86_64": Machine(0xC000003E, numbers(1)),
    "aarch64": Machine(0xC00000B7, numbers(2)),
}

GUARDED = {
    "open": (1, WRITES),
    "openat": (2, WRITES),
    "mmap": (2, EXECUTABLE),
    "mprotect": (2, EXECUTABLE),
}
"""Calls of which some flags are refused: which argument holds the flags, and which bits."""


class _Program(ctypes.Structure):
    _fields_ = (("size", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def allow_reading_only() -> bool:
    """Let the kernel refuse all but reading from here on; False on a machine whose call numbers are not listed."""
    machine = MACHINES.get(platform.machine())
    # a 32-bit Python makes calls of other numbers on the same machine
    if machine is None or sys.byteorder != "little" or sys.maxsize < 1 << 32:
        return False
    code = program(machine)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0:
        return False
    filter_ = _Program(len(code) // 8, code)
    return libc.prctl(SET_SECCOMP, FILTER_MODE, ctypes.byref(filter_), 0, 0) == 0


def program(machine: Machine) -> bytes:
    """The filter's instructions."""
    steps = [
        # first, since the numbers of calls mean other calls on other architectures
        _step(LOAD, ARCHITECTURE),
        _step(JUMP_IF_EQUAL, machine.mark, 1, 0),
        _step(RETURN, REFUSE),
        _step(LOAD, CALL_NUMBER),
        _step(JUMP_IF_AT_LEAST, FOREIGN_CALLS, 0, 1),
        _step(RETURN, REFUSE),
    ]
    for name, number in machine.numbers.items():
        steps += (
            _guarded(number, *GUARDED[name])
            if name in GUARDED
            else _let_through(number)
        )
    return b"".join([*steps, _step(RETURN, REFUSE)])


def _let_through(number: int) -> list[bytes]:
    return [_step(JUMP_IF_EQUAL, number, 0, 1), _step(RETURN, ALLOW)]


def _guarded(number: int, argument: int, bits: int) -> list[bytes]:
    return [
        _step(JUMP_IF_EQUAL, number, 0, 4),
        _step(LOAD, FIRST_ARGUMENT + argument * ARGUMENT_SIZE),
        _step(JUMP_IF_ANY_BIT, bits, 0, 1),
        _step(RETURN, REFUSE),
        _step(RETURN, ALLOW),
    ]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)
