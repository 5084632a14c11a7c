"""Landlock: a process forbids itself, for good, to change anything in the file system.

A rule set names the rights that are withdrawn; a right that no rule gives back is gone everywhere. Reading is not named, so it
stays. Source: Documentation/userspace-api/landlock.rst of the Linux kernel.
"""

from __future__ import annotations

import ctypes
import errno

CREATE_RULESET = 444
RESTRICT_SELF = 446
"""Numbers of the system calls, the same on every architecture."""

SET_NO_NEW_PRIVS = 38

ASK_VERSION = 1

WRITE_FILE = 1 << 1
CHANGE_FOLDERS = sum(1 << bit for bit in range(4, 13))
"""Remove a folder or file; make a device, folder, file, socket, pipe, block device or link."""

LATER_FILE_RIGHTS = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""Rights that came with a version: moving to another folder, cutting a file short, control of devices."""

FIRST_WITH_NETWORK = 4
NETWORK = {FIRST_WITH_NETWORK: 0b11}
"""Binding and connecting of TCP sockets."""

FIRST_WITH_SCOPES = 6
SCOPES = {FIRST_WITH_SCOPES: 0b11}
"""Abstract sockets and signals to processes outside."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


def forbid_writing() -> bool:
    """Withdraw every right to write; False where the kernel has no Landlock."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    if version < 1:
        return False
    rules = _Ruleset(
        WRITE_FILE | CHANGE_FOLDERS | _since(LATER_FILE_RIGHTS, version),
        _since(NETWORK, version),
        _since(SCOPES, version),
    )
    # an older kernel knows fewer fields
    size = ctypes.sizeof(rules)
    if version < FIRST_WITH_SCOPES:
        size -= ctypes.sizeof(ctypes.c_uint64)
    if version < FIRST_WITH_NETWORK:
        size -= ctypes.sizeof(ctypes.c_uint64)
    descriptor = libc.syscall(
        CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0
    )
    _check(descriptor)
    # the kernel asks this of a process without privileges, before it may restrict itself
    _check(libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _check(libc.syscall(RESTRICT_SELF, descriptor, 0))
    return True


def _since(rights: dict[int, int], version: int) -> int:
    return sum(bits for first, bits in rights.items() if first <= version)


def _check(result: int) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {errno.errorcode.get(code, code)}")
