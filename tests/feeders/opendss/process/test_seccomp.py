"""The filter's program, run by hand for both architectures: what it lets through and what not."""

from __future__ import annotations

import os
import struct

import pytest

from tieline.feeders.opendss.process import seccomp
from tieline.feeders.opendss.process.seccomp import ALLOW, MACHINES, REFUSE, program

Call = tuple[int, tuple[int, ...]]

NEVER = {  # what would start a program, change a file, or speak to another process
    "x86_64": {
        "socket": 41,
        "connect": 42,
        "clone": 56,
        "fork": 57,
        "execve": 59,
        "kill": 62,
        "truncate": 76,
        "rename": 82,
    }
    | {
        "mkdir": 83,
        "creat": 85,
        "link": 86,
        "unlink": 87,
        "symlink": 88,
        "chmod": 90,
        "ptrace": 101,
        "prctl": 157,
        "openat2": 437,
    }
    | {
        "renameat2": 316,
        "memfd_create": 319,
        "execveat": 322,
        "pkey_mprotect": 329,
        "clone3": 435,
        "io_uring_setup": 425,
    },
    "aarch64": {
        "mkdirat": 34,
        "unlinkat": 35,
        "symlinkat": 36,
        "linkat": 37,
        "renameat": 38,
        "truncate": 45,
        "ftruncate": 46,
    }
    | {
        "fchmodat": 53,
        "ptrace": 117,
        "kill": 129,
        "prctl": 167,
        "socket": 198,
        "connect": 203,
        "clone": 220,
        "execve": 221,
    }
    | {
        "renameat2": 276,
        "memfd_create": 279,
        "execveat": 281,
        "openat2": 437,
        "clone3": 435,
        "io_uring_setup": 425,
    },
}


def answer(
    machine: str, number: int, arguments: tuple[int, ...] = (), mark: int | None = None
) -> int:
    """What the kernel would make of a call: runs the program on the structure that the kernel hands it."""
    mark = MACHINES[machine].mark if mark is None else mark
    data = struct.pack(
        "<IIQ6Q", number, mark, 0, *(*arguments, *(0,) * (6 - len(arguments)))
    )
    code, at, value = program(MACHINES[machine]), 0, 0
    while True:
        kind, if_true, if_false, operand = struct.unpack_from("<HBBI", code, at * 8)
        at += 1
        if kind == seccomp.RETURN:
            return operand
        if kind == seccomp.LOAD:
            (value,) = struct.unpack_from("<I", data, operand)
            continue
        tests = {
            seccomp.JUMP_IF_EQUAL: value == operand,
            seccomp.JUMP_IF_AT_LEAST: value >= operand,
            seccomp.JUMP_IF_ANY_BIT: bool(value & operand),
        }
        at += if_true if tests[kind] else if_false


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_the_list_pass_and_others_do_not(machine: str):
    numbers = MACHINES[machine].numbers
    assert {answer(machine, number) for number in numbers.values()} == {ALLOW}
    assert {
        answer(machine, number) for number in set(range(600)) - set(numbers.values())
    } == {REFUSE}
    assert {answer(machine, number) for number in NEVER[machine].values()} == {REFUSE}


@pytest.mark.parametrize("machine", MACHINES)
def test_files_open_for_reading_only_and_no_memory_becomes_code(machine: str):
    numbers = MACHINES[machine].numbers
    for flags in (
        os.O_WRONLY,
        os.O_RDWR,
        os.O_RDONLY | os.O_CREAT,
        os.O_RDONLY | os.O_TRUNC,
        os.O_APPEND,
    ):
        assert answer(machine, numbers["openat"], (0, 0, flags)) == REFUSE
    assert (
        answer(machine, numbers["openat"], (0, 0, os.O_RDONLY | os.O_CLOEXEC)) == ALLOW
    )
    # the first argument is a folder
    assert answer(machine, numbers["openat"], (os.O_WRONLY, 0, 0)) == ALLOW
    for name in ("mmap", "mprotect"):
        assert answer(machine, numbers[name], (0, 0, 0x1 | 0x4)) == REFUSE
        assert answer(machine, numbers[name], (0, 0, 0x1 | 0x2)) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_architecture_or_variant_do_not_pass(machine: str):
    read = MACHINES[machine].numbers["read"]
    assert answer(machine, read, mark=0x40000003) == REFUSE
    assert answer("x86_64", read | 0x40000000) == REFUSE
